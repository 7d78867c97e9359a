#include "chain/base_stage.hpp"

#include "chain/os_name.hpp"
#include "inspect/disk_format.hpp"
#include "util/error.hpp"
#include "util/temp_dir.hpp"
#include "util/text.hpp"

#include <filesystem>

namespace kiln::chain {
namespace {

namespace fs = std::filesystem;

} // namespace

std::string fetched_file(const BaseDefinition& base, const ImagePlaces& places) {
    const std::string path = base.url.substr(0, base.url.find_first_of("?#"));
    return (places.base() / path.substr(path.rfind('/') + 1)).string();
}

std::string base_file(const ImageDefinition& image,
                      const ImagePlaces& places,
                      const Caller& caller,
                      StepRunner& steps) {
    const BaseDefinition& base = *image.base;
    if (base.kind == BaseDefinition::Kind::file) {
        return base.file;
    }
    if (base.kind == BaseDefinition::Kind::cloud) {
        fs::create_directories(places.bases());
        const StepEnd end = steps.check("base", download_command(base, places, caller));
        return std::string(util::trim(end.result.out));
    }
    if (image.is_built()) {
        return "";
    }
    const std::string file = fetched_file(base, places);
    fs::create_directories(places.base());
    steps.check("base", fetch_command(base, file, caller));
    return file;
}

std::string
distribution_element(const std::string& image, const ImagePlaces& places, process::Runner& runner) {
    const util::TempDir scratch(places.folder, ".look-");
    const std::string id = os_name(image, scratch.path().string(), runner);
    if (id == "debian" || id == "ubuntu") {
        return id;
    }
    throw util::Error(
        {.what = "there is no element for the distribution '" + id + "' of '" + image + "'",
         .hint = "kiln builds upon images of Debian and Ubuntu",
         .code = util::ExitCode::usage});
}

std::string format_of(const std::string& image) {
    return inspect::file_format(image).name;
}

} // namespace kiln::chain
