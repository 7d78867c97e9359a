#include "element/source_repository.hpp"
#include "util/error.hpp"

#include <cstdint>
#include <string>

/// Any text is parsed, or refused with an Error; what is to be fetched has an absolute destination
/// and words that no program takes for an option.
// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(data, data + size);
    const kiln::process::Environment environment = {
        {"A", "one two"}, {"B", ""}, {"DIB_GITREPOBASE", "http://mirror/"}};
    try {
        const auto all = kiln::element::parse_source_repositories(text, "fuzz", environment);
        for (const auto& source : kiln::element::wanted_repositories(all, environment)) {
            const bool sound = source.destination.front() == '/' &&
                               source.location.front() != '-' &&
                               (source.ref.empty() || source.ref.front() != '-');
            if (!sound || kiln::element::cache_name(source).find('/') != std::string::npos) {
                __builtin_trap();
            }
        }
    } catch (const kiln::util::Error&) { // NOLINT(bugprone-empty-catch): a good answer
    }
    return 0;
}
