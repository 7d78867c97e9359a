#include "cli/store_flags.hpp"

#include "catalog/family.hpp"
#include "cli/places.hpp"
#include "net/curl_http_client.hpp"
#include "store/directory/directory_store.hpp"
#include "store/glance/glance_store.hpp"
#include "util/error.hpp"

#include <CLI/CLI.hpp>

namespace kiln::cli {
namespace {

using store::Cloud;
using store::TokenSource;

std::vector<std::string>
regions_of(const Cloud& cloud, const std::vector<std::string>& asked, bool all) {
    if (!asked.empty()) {
        return asked;
    }
    if (all && cloud.regions.empty()) {
        throw util::Error({.what = "cloud '" + cloud.name + "' lists no regions",
                           .hint = "list them in clouds.yaml (regions:), or give --region",
                           .code = util::ExitCode::usage});
    }
    if (all) {
        return cloud.regions;
    }
    if (cloud.region.empty() && !cloud.regions.empty()) {
        return {cloud.regions.front()};
    }
    return {cloud.region};
}

/// Everything that opens one region; shared by all regions of a cloud.
struct CloudAccess {
    std::shared_ptr<TokenSource> tokens;
    store::UploadWay way;
    bool debug;
};

StoreTarget region_target(const CloudAccess& access, const std::string& region) {
    return {.open = [access, region](report::Reporter& reporter, std::function<void()> on_wait) {
        net::HttpOptions http = {.tls = access.tokens->cloud().tls, .on_wait = on_wait};
        if (access.debug) {
            http.on_debug = [&reporter](const std::string& line) { reporter.info(line); };
        }
        return std::make_unique<store::GlanceStore>(std::make_unique<net::CurlHttpClient>(http),
                                                    access.tokens,
                                                    region,
                                                    store::SessionOptions{.on_wait = on_wait},
                                                    access.way,
                                                    reporter);
    }};
}

StoreTarget folder_target(const std::string& folder) {
    return {.open = [folder](report::Reporter&, const std::function<void()>&) {
        return std::make_unique<store::DirectoryStore>(folder);
    }};
}

} // namespace

void StoreFlags::define(CLI::App& app) {
    app.add_option("--cloud", clouds_, "Cloud of clouds.yaml (OS_CLOUD); may be repeated")
        ->allow_extra_args(false);
    app.add_option("--region", regions_, "Region of each cloud; may be repeated")
        ->allow_extra_args(false);
    app.add_flag("--all-regions", all_regions_, "All regions that clouds.yaml lists of a cloud");
    app.add_option("--interface", interface_, "public, internal or admin endpoint")
        ->check(CLI::IsMember({"public", "internal", "admin"}));
    app.add_flag("--insecure", insecure_, "Do not check certificates of servers");
    app.add_option("--store",
                   store_,
                   "Folder of images (KILN_STORE) [~/.local/share/kiln/images without a cloud]");
    app.add_option("--tag", tag_, "Tag of the images that kiln may change [managed_by_kiln]")
        ->envname("KILN_TAG");
    app.add_flag("--debug", debug_, "Show requests and answers, without secrets");
    tag_ = catalog::k_default_tag;
}

void StoreFlags::define_upload(CLI::App& app) {
    app.add_option("--method", method_, "put, or import (stage, then glance-direct) [put]")
        ->check(CLI::IsMember({"put", "import"}));
    app.add_option(
           "--glance-store", glance_stores_, "Store of Glance that gets the data; may be repeated")
        ->allow_extra_args(false);
    app.add_flag("--all-glance-stores", all_glance_stores_, "All stores of Glance (imports)");
}

/// The variable stands for what was not said: who names a cloud means that one alone.
std::string StoreFlags::folder() const {
    if (!store_.empty() || !clouds_.empty()) {
        return store_;
    }
    const process::Environment environment = caller_environment();
    const auto found = environment.find("KILN_STORE");
    return found == environment.end() ? "" : found->second;
}

bool StoreFlags::wants_cloud() const {
    return !clouds_.empty() || (folder().empty() && store::names_a_cloud(caller_environment()));
}

std::vector<StoreTarget> StoreFlags::targets(report::Reporter& reporter) const {
    if (tag_.empty()) {
        throw util::Error({.what = "--tag is empty",
                           .hint = "without a tag kiln would change images of others",
                           .code = util::ExitCode::usage});
    }
    std::vector<StoreTarget> targets;
    if (wants_cloud()) {
        targets = cloud_targets(reporter);
    } else if (!regions_.empty() || all_regions_) {
        throw util::Error({.what = "--region and --all-regions need a cloud",
                           .hint = "give --cloud NAME",
                           .code = util::ExitCode::usage});
    }
    if (const std::string named = folder(); !named.empty()) {
        targets.push_back(folder_target(absolute_path(named).string()));
    }
    if (targets.empty()) {
        targets.push_back(folder_target(default_data() + "/images"));
    }
    return targets;
}

std::vector<StoreTarget> StoreFlags::cloud_targets(report::Reporter& reporter) const {
    using Names = std::vector<std::optional<std::string>>;
    Names names(clouds_.begin(), clouds_.end());
    if (names.empty()) {
        names.emplace_back(std::nullopt);
    }
    const store::UploadWay way = {.method = method_ == "import"
                                                ? store::UploadWay::Method::glance_direct
                                                : store::UploadWay::Method::put,
                                  .stores = glance_stores_,
                                  .all_stores = all_glance_stores_};
    std::vector<StoreTarget> targets;
    for (const std::optional<std::string>& name : names) {
        Cloud cloud = store::load_cloud(name, {.environment = caller_environment()});
        cloud.interface = interface_.empty() ? cloud.interface : interface_;
        cloud.tls.verify = cloud.tls.verify && !insecure_;
        if (!cloud.tls.verify) {
            reporter.warn("certificates of cloud '" + cloud.name +
                          "' are not checked: anybody in between can read passwords and change "
                          "images");
        }
        const std::vector<std::string> regions = regions_of(cloud, regions_, all_regions_);
        const CloudAccess access = {
            .tokens = std::make_shared<TokenSource>(std::move(cloud), store::SessionOptions{}),
            .way = way,
            .debug = debug_};
        for (const std::string& region : regions) {
            targets.push_back(region_target(access, region));
        }
    }
    return targets;
}

} // namespace kiln::cli
