#pragma once

#include "cache/documents.hpp"
#include "cache/package_state.hpp"
#include "process/command.hpp"

#include <optional>
#include <string>

namespace kiln::cache {

/// A list as it was fetched.
struct SignedList {
    std::string url;
    std::string text;
    /// Detached; empty: it is around the text.
    std::string signature{};
};

/// Checks the signatures of lists with gpgv, once for each list and set of keys: a text that was
/// found good is kept.
class ListVerifier {
public:
    /// scratch: a folder for the files of gpgv, made when it is needed. All stay the caller's.
    ListVerifier(const Documents& documents, std::string scratch, process::Runner& runner)
        : documents_(documents), scratch_(std::move(scratch)), runner_(runner) {}

    /// The text without its signature, as the trust of use demands. Throws util::Error (code
    /// remote) when the signature is not good.
    [[nodiscard]] std::string verified(const RepositoryUse& use, const SignedList& list) const;

    /// The same when it needs no look at the signature; nothing else.
    [[nodiscard]] std::optional<std::string> known(const RepositoryUse& use,
                                                   const SignedList& list) const;

private:
    const Documents& documents_;
    std::string scratch_;
    process::Runner& runner_;
};

} // namespace kiln::cache
