#include "cli/cache_access.hpp"

#include "build/build_store.hpp"
#include "cli/places.hpp"
#include "cli/print_error.hpp"
#include "sandbox/helper_namespace.hpp"
#include "sandbox/id_map.hpp"
#include "sandbox/session.hpp"
#include "util/error.hpp"

#include <CLI/CLI.hpp>

#include <cstdlib>
#include <filesystem>
#include <iostream>

namespace kiln::cli {
namespace {

namespace fs = std::filesystem;

int guarded(const fs::path& folder, const std::function<int(const CacheAccess::Stores&)>& work) {
    try {
        const CacheAccess::Stores stores{.layers = cache::LayerStore(build::store_folder(folder)),
                                         .images =
                                             cache::FinishedImages((folder / "images").string())};
        const int status = work(stores);
        if (!std::cout.flush()) {
            throw util::Error({.what = "cannot write to standard output"});
        }
        return status;
    } catch (const std::exception& error) {
        const util::ErrorInfo info = util::info_of(error);
        print_error(info);
        return static_cast<int>(info.code);
    }
}

} // namespace

void CacheAccess::define(CLI::App& app) {
    app.add_option("--image-cache", folder_, "Cache folder [DIB_IMAGE_CACHE; ~/.cache/kiln]");
}

int CacheAccess::run(const std::function<int(const Stores&)>& work) const {
    const process::Environment caller = caller_environment();
    const auto variable = caller.find("DIB_IMAGE_CACHE");
    std::string folder = folder_;
    if (folder.empty()) {
        folder = variable == caller.end() || variable->second.empty() ? default_cache()
                                                                      : variable->second;
    }
    sandbox::enter_helper_namespace_if_needed();
    const fs::path path = absolute_path(folder);
    sandbox::Session session({.id_map = sandbox::current_id_map()},
                             [&] { return guarded(path, work); });
    return session.wait();
}

} // namespace kiln::cli
