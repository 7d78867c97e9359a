#include "catalog/download.hpp"
#include "catalog/lookup.hpp"
#include "cli/commands/images_commands.hpp"
#include "cli/places.hpp"
#include "cli/reporting.hpp"
#include "cli/store_work.hpp"
#include "util/error.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <iostream>

namespace kiln::cli {
namespace {

using catalog::Download;

struct Fetched {
    std::string store{};
    store::Image image{};
    Download download{};
};

nlohmann::ordered_json json_of(const Fetched& fetched) {
    const bool unchanged = fetched.download.result == Download::Result::unchanged;
    return {{"path", fetched.download.path},
            {"id", fetched.image.id},
            {"name", fetched.image.name},
            {"disk_format", fetched.image.disk_format},
            {"size", fetched.image.size.value_or(0)},
            {"properties", fetched.image.properties},
            {"store", fetched.store},
            {"result", unchanged ? "unchanged" : "downloaded"}};
}

/// `kiln images download`: an image's data as a file.
class ImagesDownloadCommand : public Command {
public:
    void define(CLI::App& app) override {
        app.add_option("NAME", name_, "Name of the image, or its id")->required();
        app.add_flag("--id", is_id_, "NAME is an id, whatever it looks like");
        app.add_option("-d,--directory", folder_, "Folder to put ID.FORMAT in [.]");
        stores_.define(app);
        reporting_.define_for_stores(app);
    }

    int run() override {
        report::FanOut reporters;
        reporting_.add_to(reporters);
        const std::vector<StoreTarget> targets = stores_.targets(reporters);
        if (targets.size() != 1) {
            throw util::Error({.what = "an image is downloaded from one store, not from " +
                                       std::to_string(targets.size()),
                               .hint = "give one --cloud (with one --region), or one --store",
                               .code = util::ExitCode::usage});
        }
        Fetched fetched;
        const int code =
            work_on(targets,
                    reporters,
                    [&](store::ImageStore& store, report::Reporter& reporter, std::size_t) {
                        fetched = fetch(store, reporter);
                    });
        std::cout << (reporting_.json()
                          ? json_of(fetched).dump(
                                2, ' ', false, nlohmann::json::error_handler_t::replace)
                          : fetched.download.path)
                  << "\n";
        std::cout.flush();
        return code;
    }

private:
    [[nodiscard]] Fetched fetch(store::ImageStore& store, report::Reporter& reporter) const {
        const auto named = is_id_ ? catalog::Named::by_id : catalog::Named::by_itself;
        Fetched fetched = {.store = store.describe(),
                           .image = catalog::find_active(store, name_, named)};
        fetched.download =
            catalog::download(store, fetched.image, absolute_path(folder_).string(), reporter);
        if (fetched.download.result == Download::Result::unchanged) {
            reporter.info("'" + fetched.download.path + "' is that image already");
        }
        return fetched;
    }

    std::string name_;
    bool is_id_ = false;
    std::string folder_ = ".";
    StoreFlags stores_;
    ReportingFlags reporting_;
};

} // namespace

std::unique_ptr<Command> make_images_download_command() {
    return std::make_unique<ImagesDownloadCommand>();
}

} // namespace kiln::cli
