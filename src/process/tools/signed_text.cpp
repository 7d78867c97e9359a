#include "process/tools/signed_text.hpp"

#include "process/tools/gpgv.hpp"
#include "util/atomic_file.hpp"
#include "util/error.hpp"
#include "util/fd.hpp"
#include "util/temp_dir.hpp"
#include "util/text.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

namespace kiln::process {
namespace {

constexpr std::size_t k_lines_told = 5;
constexpr const char* k_begin_text = "-----BEGIN PGP SIGNED MESSAGE-----";
constexpr const char* k_begin_signature = "-----BEGIN PGP SIGNATURE-----";
constexpr const char* k_end_signature = "-----END PGP SIGNATURE-----";

void require_keyring(const std::string& keyring, const SignedText& signed_text) {
    if (::access(keyring.c_str(), R_OK) != 0) {
        throw util::Error({.what = "the keyring '" + keyring + "' that the signature of '" +
                                   signed_text.name + "' is checked with cannot be read",
                           .hint = signed_text.keyring_hint,
                           .code = util::ExitCode::tool});
    }
    if (util::read_file(keyring).rfind("-----BEGIN PGP", 0) == 0) {
        throw util::Error(
            {.what = "the keyring '" + keyring + "' is in ASCII armour",
             .hint = "convert it: gpg --dearmor <" + util::shell_quote(keyring) + " >keyring.gpg",
             .code = util::ExitCode::usage});
    }
}

std::string write(const util::TempDir& folder, const std::string& name, const std::string& text) {
    const std::string path = (folder.path() / name).string();
    const util::Fd fd = util::open_file(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    util::write_all(fd.get(), text, path);
    return path;
}

std::vector<std::string> usable_keyrings(const SignedText& signed_text) {
    std::vector<std::string> keyrings;
    for (const std::string& keyring : signed_text.keyrings) {
        require_keyring(keyring, signed_text);
        keyrings.push_back(std::filesystem::absolute(keyring).string());
    }
    return keyrings;
}

/// Whether a text with its signature around it is that and nothing else: in the text itself every
/// line that begins with a dash is escaped (RFC 9580, section 7.2).
bool is_one_text(const std::string& text) {
    std::vector<std::string> frame;
    for (const std::string& line : util::split(util::trim(text), '\n')) {
        if (line.rfind("-----", 0) == 0) {
            frame.emplace_back(util::trim(line));
        } else if (frame.size() != 1 && frame.size() != 2) {
            return false;
        }
    }
    return frame == std::vector<std::string>{k_begin_text, k_begin_signature, k_end_signature} &&
           text.find('\0') == std::string::npos;
}

/// Why the text is not to be trusted; empty: it is.
std::string doubt(const SignedText& signed_text, const Result& result) {
    const GpgvStatus status = read_gpgv_status(result.out);
    if (!status.signer) {
        return status.problem;
    }
    // Of several texts in one file only some may be signed. gpgv tells that by its exit code, but
    // that also tells of a signature more, by a key that is not in the keyrings.
    const bool around = signed_text.signature.empty();
    if (result.timed_out || (around && result.exit_code != 0 && !is_one_text(signed_text.text))) {
        return "there is more than what it covers";
    }
    const auto is_good = [&status](const std::string& key) {
        return std::find(status.good_keys.begin(), status.good_keys.end(), key) !=
               status.good_keys.end();
    };
    const std::vector<std::string>& wanted = signed_text.fingerprints;
    const bool right = wanted.empty() || std::any_of(wanted.begin(), wanted.end(), is_good);
    return right ? "" : "it is by another key, " + *status.signer;
}

} // namespace

bool is_signed_around(const std::string& text) {
    return text.rfind(k_begin_text, 0) == 0;
}

std::string
verified_text(const SignedText& signed_text, const std::string& scratch, Runner& runner) {
    require_tools({gpgv_requirement()}, tool_environment());
    const std::vector<std::string> keyrings = usable_keyrings(signed_text);
    const util::TempDir folder(scratch, "kiln-signature-");
    const bool around = signed_text.signature.empty();
    Gpgv options = {.keyrings = keyrings,
                    .file = write(folder, "text", signed_text.text),
                    .home = folder.path().string()};
    if (around) {
        options.output = (folder.path() / "verified").string();
    } else {
        options.signature = write(folder, "signature", signed_text.signature);
    }
    const Result result = runner.run(gpgv_command(options));
    if (const std::string problem = doubt(signed_text, result); !problem.empty()) {
        throw util::Error(
            {.what = "the signature of '" + signed_text.name + "' is not good: " + problem,
             .hint = signed_text.hint,
             .code = util::ExitCode::remote,
             .excerpt = util::last_lines(result.err, k_lines_told)});
    }
    return around ? util::read_file(options.output) : signed_text.text;
}

} // namespace kiln::process
