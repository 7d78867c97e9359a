#include "cache/apt_release.hpp"
#include "cache/package_state.hpp"
#include "cache/rpm_metadata.hpp"
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

/// What the action throws besides an Error is a finding.
template <typename Action>
void try_to(const Action& action) {
    try {
        action();
    } catch (const kiln::util::Error&) { // NOLINT(bugprone-empty-catch): a good answer
    }
}

} // namespace

/// What mirrors and trees say of packages: Release and InRelease, repomd.xml, mirror lists, and the
/// states that are recorded of them.
// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(data, data + size);
    for (const auto& [path, digest] :
         kiln::cache::parse_release(kiln::cache::without_signature(text)).digests) {
        require(!path.empty() && digest.size() == 64);
    }
    static_cast<void>(kiln::cache::parse_date(text));
    try_to([&] { require(!kiln::cache::parse_repomd(text, "fuzz").primary.empty()); });
    try_to([&] { require(!kiln::cache::parse_mirrors(text, "fuzz").folders.empty()); });
    try_to([&] {
        const auto state = kiln::cache::package_state_from_json(text);
        require(kiln::cache::state_digest(state) ==
                kiln::cache::state_digest(
                    kiln::cache::package_state_from_json(kiln::cache::to_json(state))));
    });
    return 0;
}
