#include "cache/freshness_verifier.hpp"

#include "cache/apt_release.hpp"
#include "net/url.hpp"
#include "process/tools/signed_text.hpp"
#include "util/digest.hpp"
#include "util/error.hpp"

#include <algorithm>
#include <filesystem>

namespace kiln::cache {
namespace {

/// Of all that a verification depends on.
std::string verification_name(const RepositoryUse& use, const SignedList& list) {
    std::vector<std::string> parts = use.keyrings;
    std::sort(parts.begin(), parts.end());
    std::string inputs =
        "verified 1\n" + util::sha256(list.text) + "\n" + util::sha256(list.signature) + "\n";
    for (const std::string& keyring : parts) {
        inputs += "keyring " + keyring + "\n";
    }
    for (const std::string& key : use.fingerprints) {
        inputs += "key " + key + "\n";
    }
    return util::sha256(inputs);
}

[[noreturn]] void fail(const std::string& what, const std::string& hint) {
    throw util::Error({.what = what, .hint = hint, .code = util::ExitCode::remote});
}

} // namespace

std::optional<std::string> ListVerifier::known(const RepositoryUse& use,
                                               const SignedList& list) const {
    if (use.trust == RepositoryUse::Trust::none) {
        return without_signature(list.text);
    }
    return documents_.find_verified(verification_name(use, list));
}

std::string ListVerifier::verified(const RepositoryUse& use, const SignedList& list) const {
    if (auto text = known(use, list)) {
        return std::move(*text);
    }
    const std::string name = net::display_url(list.url);
    if (list.signature.empty() && !process::is_signed_around(list.text)) {
        fail("'" + name + "' is not signed", "");
    }
    process::SignedText text = {.text = list.text,
                                .signature = list.signature,
                                .name = name,
                                .keyrings = {},
                                .fingerprints = use.fingerprints};
    for (const std::string& address : use.keyrings) {
        if (const auto file = documents_.keyring_file(address)) {
            text.keyrings.push_back(*file);
        }
    }
    if (text.keyrings.empty()) {
        fail("there are no keys to check the signature of '" + name + "' with",
             "name a keyring in the package source: signed-by");
    }
    std::filesystem::create_directories(scratch_);
    std::string content = process::verified_text(text, scratch_, runner_);
    documents_.put_verified(verification_name(use, list), content);
    return content;
}

} // namespace kiln::cache
