#include "base/signature.hpp"

#include "base/gpgv.hpp"
#include "util/atomic_file.hpp"
#include "util/error.hpp"
#include "util/fd.hpp"
#include "util/temp_dir.hpp"
#include "util/text.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>

namespace kiln::base {
namespace {

constexpr std::size_t k_excerpt_lines = 5;

void require_keyring(const SignedText& signed_text) {
    const std::string& keyring = signed_text.keyring;
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

} // namespace

bool is_signed_around(const std::string& text) {
    return text.rfind("-----BEGIN PGP SIGNED MESSAGE-----", 0) == 0;
}

std::string
verified_text(const SignedText& signed_text, const std::string& scratch, process::Runner& runner) {
    process::require_tools({gpgv_requirement()}, process::tool_environment());
    require_keyring(signed_text);
    const util::TempDir folder(scratch, "kiln-signature-");
    const bool around = signed_text.signature.empty();
    Gpgv options = {.keyring = std::filesystem::absolute(signed_text.keyring).string(),
                    .file = write(folder, "text", signed_text.text),
                    .home = folder.path().string()};
    if (around) {
        options.output = (folder.path() / "verified").string();
    } else {
        options.signature = write(folder, "signature", signed_text.signature);
    }
    const process::Result result = runner.run(gpgv_command(options));
    const GpgvStatus status = read_gpgv_status(result.out);
    // Of several texts in one file only some may be signed; gpgv tells that by its exit code.
    const bool doubtful = result.timed_out || (around && result.exit_code != 0);
    if (!status.signer || doubtful) {
        throw util::Error(
            {.what = "the signature of '" + signed_text.name + "' is not good: " +
                     (status.signer ? "there is more than what it covers" : status.problem),
             .hint = "the keys are those of '" + signed_text.keyring + "'; " +
                     "another keyring: KILN_BASE_KEYRING=FILE",
             .code = util::ExitCode::remote,
             .excerpt = util::last_lines(result.err, k_excerpt_lines)});
    }
    return around ? util::read_file(options.output) : signed_text.text;
}

} // namespace kiln::base
