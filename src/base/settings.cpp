#include "base/settings.hpp"

#include "disk/sizes.hpp"
#include "util/error.hpp"

#include <charconv>

namespace kiln::base {
namespace {

constexpr const char* k_default_cache_size = "20GB";

std::string value_of(const process::Environment& environment, const std::string& name) {
    const auto found = environment.find(name);
    return found == environment.end() ? "" : found->second;
}

std::string
value_or(const process::Environment& environment, const std::string& name, const char* otherwise) {
    const std::string value = value_of(environment, name);
    return value.empty() ? otherwise : value;
}

int count_of(const process::Environment& environment, const std::string& name, int otherwise) {
    const std::string text = value_of(environment, name);
    if (text.empty()) {
        return otherwise;
    }
    int value = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    constexpr int k_most = 100000;
    if (error != std::errc{} || stop != end || value < 1 || value > k_most) {
        throw util::Error({.what = name + "='" + text + "' must be a number of 1 or more",
                           .hint = "leave it out for " + std::to_string(otherwise),
                           .code = util::ExitCode::usage});
    }
    return value;
}

} // namespace

BaseImageOptions base_image_options(const process::Environment& environment) {
    const std::string cache = value_of(environment, "DIB_IMAGE_CACHE");
    if (cache.empty() || cache.front() != '/') {
        throw util::Error({.what = "DIB_IMAGE_CACHE='" + cache + "' is no absolute path",
                           .hint = "set it to a folder: DIB_IMAGE_CACHE=/FOLDER",
                           .code = util::ExitCode::usage});
    }
    const std::string size = value_or(environment, "KILN_BASE_CACHE_SIZE", k_default_cache_size);
    const auto limit = disk::parse_size(size);
    if (!limit) {
        throw util::Error({.what = "KILN_BASE_CACHE_SIZE='" + size + "' is no size",
                           .hint = "write it as 20GB or 500MiB",
                           .code = util::ExitCode::usage});
    }
    const std::string offline = value_of(environment, "DIB_OFFLINE");
    return {.cache = std::filesystem::path(cache) / "base-images",
            .cache_limit = *limit,
            .network = offline.empty() ? Network::allowed : Network::forbidden,
            .scratch = value_or(environment, "TMP_BUILD_DIR", "/tmp")};
}

net::ClientOptions client_options(const process::Environment& environment) {
    net::ClientOptions options;
    options.retry.tries = count_of(environment, "KILN_DOWNLOAD_TRIES", options.retry.tries);
    options.limits.stall = std::chrono::seconds(count_of(
        environment, "KILN_DOWNLOAD_STALL", static_cast<int>(options.limits.stall.count())));
    return options;
}

} // namespace kiln::base
