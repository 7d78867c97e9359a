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

/// The name of the file at the end of a URL, without its query.
std::string file_name(const std::string& url) {
    const std::string path = url.substr(0, url.find_first_of("?#"));
    return path.substr(path.rfind('/') + 1);
}

} // namespace

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
    const std::string file = (places.folder / file_name(base.url)).string();
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
