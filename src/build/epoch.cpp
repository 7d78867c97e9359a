#include "build/epoch.hpp"

#include "util/error.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <charconv>

namespace kiln::build {
namespace {

constexpr const char* k_documentation = "usr/share/doc";

/// 2024-01-01, for trees that know no packages.
constexpr std::int64_t k_constant_epoch = 1704067200;

std::int64_t to_epoch(const std::string& text) {
    std::int64_t seconds = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, seconds);
    if (error != std::errc{} || stop != end || seconds < 0) {
        throw util::Error({.what = "SOURCE_DATE_EPOCH='" + text + "' is no number of seconds",
                           .hint = "take it from: date +%s",
                           .code = util::ExitCode::usage});
    }
    return seconds;
}

} // namespace

std::int64_t image_epoch(const util::RootDir& tree, const process::Environment& environment) {
    const auto given = environment.find("SOURCE_DATE_EPOCH");
    if (given != environment.end() && !given->second.empty()) {
        return to_epoch(given->second);
    }
    std::int64_t newest = 0;
    for (const std::string& package : tree.list(k_documentation)) {
        const std::string folder = util::child_path(k_documentation, package);
        for (const std::string& name : tree.list(folder)) {
            const bool is_changelog = name.rfind("changelog", 0) == 0;
            const auto status =
                is_changelog ? tree.status(util::child_path(folder, name)) : std::nullopt;
            newest = std::max<std::int64_t>(newest, status ? status->st_mtim.tv_sec : 0);
        }
    }
    return newest > 0 ? newest : k_constant_epoch;
}

} // namespace kiln::build
