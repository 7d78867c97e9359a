#include "cache/apt_sources.hpp"
#include "cache/documents_armor.hpp"
#include "cache/freshness_policy.hpp"
#include "cache/rpm_repository.hpp"
#include "util/error.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

void require(bool fact) {
    if (!fact) {
        std::abort();
    }
}

void check_sources(const std::vector<kiln::cache::AptSource>& sources) {
    for (const kiln::cache::AptSource& source : sources) {
        require(!source.uri.empty() && !source.suite.empty());
        const std::string folder = kiln::cache::release_folder(source, "amd64");
        require(!folder.empty() && folder.back() == '/');
        const std::string name = kiln::cache::apt_list_name(folder + "InRelease");
        require(name.find('/') == std::string::npos && name.find('\0') == std::string::npos);
    }
}

} // namespace

/// Package sources of a tree in all their formats: any text gives whole sources or none.
// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(data, data + size);
    check_sources(kiln::cache::parse_one_line_sources(text));
    check_sources(kiln::cache::parse_deb822_sources(text));
    for (const auto& repository : kiln::cache::parse_rpm_repositories(text, {})) {
        require(!repository.base_urls.empty() || !repository.mirror_list.empty() ||
                !repository.metalink.empty());
    }
    static_cast<void>(kiln::cache::expand_variables(text, {{"a", "$a"}, {"basearch", ""}}));
    static_cast<void>(kiln::cache::binary_keyring(text));
    static_cast<void>(kiln::cache::ignores_valid_until(text));
    try {
        kiln::cache::parse_freshness(text, "fuzz");
    } catch (const kiln::util::Error&) { // NOLINT(bugprone-empty-catch): a good answer
    }
    return 0;
}
