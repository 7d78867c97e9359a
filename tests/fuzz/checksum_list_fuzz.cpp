#include "base/checksum_list.hpp"
#include "net/partial_file.hpp"
#include "net/transfer.hpp"
#include "net/url.hpp"
#include "process/tools/gpgv.hpp"
#include "util/error.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>

/// Any text is a list or refused with an Error, and a list has only names and whole digests. The
/// smaller parsers of what servers and gpgv say take the same text.
// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(data, data + size);
    static_cast<void>(kiln::process::read_gpgv_status(text));
    static_cast<void>(kiln::net::note_from_text(text));
    static_cast<void>(kiln::net::parse_content_range(text));
    static_cast<void>(kiln::net::display_url(text));
    try {
        const auto list = kiln::base::ChecksumList::parse(text, "fuzz");
        for (const auto& [name, digest] : list.entries()) {
            if (name.empty() || kiln::base::digest_from_hex(digest.hex) != digest) {
                std::abort();
            }
        }
    } catch (const kiln::util::Error&) { // NOLINT(bugprone-empty-catch): a good answer
    }
    return 0;
}
