#pragma once

#include "build/options.hpp"
#include "cache/documents.hpp"
#include "cache/freshness.hpp"
#include "cache/package_state.hpp"
#include "net/curl_client.hpp"
#include "net/login_client.hpp"
#include "process/posix_runner.hpp"
#include "report/reporter.hpp"
#include "util/root_dir.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace kiln::build {

/// What stored packages are worth now.
struct Currency {
    bool current = true;
    /// In words, what changed.
    std::string reason{};
};

/// Which packages layers used, and whether those are the ones that the repositories have now.
class PackageWatch {
public:
    /// scratch: a folder that is made when it is needed. on_wait: see net::ClientOptions.
    PackageWatch(const BuildOptions& options,
                 const std::string& scratch,
                 report::Reporter& reporter,
                 const std::function<void()>& on_wait = {});

    /// Of all of them together. Throws Error (code remote) when that has to be known and cannot be.
    /// What was asked once is not asked again; what is young enough for the policy is not asked
    /// for.
    Currency currency_of(const std::vector<cache::DatedState>& states);

    /// Asks for what is not known of them, in one round.
    void ask_for(const std::vector<cache::DatedState>& states);

    /// What the layer in the folder upper used, in the merged tree, when its hook began at
    /// `started` (seconds since 1970). Empty when it installed nothing and fetched no lists.
    cache::PackageState
    used_by(const std::string& upper, const util::RootDir& tree, std::int64_t started);

private:
    [[nodiscard]] bool is_young(const cache::DatedState& used) const;

    const BuildOptions& options_;
    cache::Documents documents_;
    net::CurlClient client_;
    net::LoginClient logged_in_;
    process::PosixRunner runner_;
    cache::Freshness freshness_;
    std::map<std::string, cache::Verdict> known_{};
};

} // namespace kiln::build
