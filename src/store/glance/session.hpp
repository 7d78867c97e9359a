#pragma once

#include "net/http_client.hpp"
#include "net/retry.hpp"
#include "report/reporter.hpp"
#include "store/glance/cloud.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace kiln::store {

/// A token of Keystone (Identity API v3) and what it says.
struct Token {
    std::string value;
    /// By this machine's clock; the server's is allowed to differ (taken from its Date header).
    std::chrono::system_clock::time_point expires{};
    std::string project_id{};
    std::string user_name{};
    /// Names.
    std::set<std::string> roles{};

    struct Endpoint {
        /// "image".
        std::string service;
        std::string region;
        std::string interface;
        std::string url;
    };

    std::vector<Endpoint> catalog{};
};

/// The address of the image service, without "/v2" and a slash at the end. Throws util::Error (code
/// remote) that names the regions and interfaces that the catalog has.
std::string image_endpoint(const Cloud& cloud, const Token& token);

/// Time and chance, replaced in tests.
struct SessionOptions {
    net::RetryPolicy retry{};
    net::Limits limits{};
    /// Longest time of a call that moves little.
    std::chrono::seconds total{120};
    std::function<void(std::chrono::milliseconds)> sleep{};
    std::function<double()> jitter{};
    std::function<std::chrono::system_clock::time_point()> now{};
    /// Called about ten times a second while it waits; what it throws ends the call.
    std::function<void()> on_wait{};
};

/// Gets tokens for one cloud and keeps the current one; may be shared between threads and regions.
class TokenSource {
public:
    TokenSource(Cloud cloud, SessionOptions options);

    /// A token that is good for a while yet (renewed a minute before its end, at the latest; of a
    /// short-lived one, at half of its life). http is used if one is asked for.
    Token get(net::HttpClient& http, report::Reporter& reporter);

    /// This one was refused: the next get() asks for another.
    void discard(const std::string& token_value);

    [[nodiscard]] const Cloud& cloud() const { return cloud_; }

private:
    Cloud cloud_;
    SessionOptions options_;
    std::mutex mutex_{};
    std::optional<Token> token_{};
    std::chrono::system_clock::time_point renew_{};
};

/// Which calls may be made again after it is not known whether the server acted.
enum class Repeat {
    /// It changes nothing, or comes to the same when made twice.
    freely,
    /// Only when the server has certainly not acted (it never saw it, 429, 503, or 401).
    when_unseen
};

struct CallResult {
    net::HttpAnswer answer{};
    /// Nobody knows whether the server acted: the caller has to look. answer says nothing then.
    bool uncertain = false;
    std::string reason{};
};

/// Calls of the image service of one region, with a token. Answers 429, 502, 503, 504 and broken
/// connections are tried again with growing pauses, as far as the call may be repeated; after a 401
/// once with a new token. Not for several threads at once.
class Session {
public:
    Session(std::shared_ptr<TokenSource> tokens,
            std::string region,
            net::HttpClient& http,
            SessionOptions options,
            report::Reporter& reporter);

    /// request.url is a path ("/v2/images"). Any answer is returned, but a 401 with a fresh token
    /// (StoreError, unauthorized); what cannot be reached is StoreError (unavailable). A try that
    /// broke may have called on_data already: on_head of the next one is where to start over.
    CallResult call(net::HttpRequest request, Repeat repeat);

    /// Waits, and lets on_wait look for signals meanwhile.
    void pause(std::chrono::milliseconds duration) const;

    /// The current token's facts.
    Token token();

    [[nodiscard]] const Cloud& cloud() const { return tokens_->cloud(); }

    [[nodiscard]] const std::string& region() const { return region_; }

private:
    net::HttpResult send(net::HttpRequest request, const Token& token);
    [[nodiscard]] std::string hidden_reason(const net::HttpResult& result,
                                            const Token& token) const;

    std::shared_ptr<TokenSource> tokens_;
    std::string region_;
    net::HttpClient& http_;
    SessionOptions options_;
    report::Reporter& reporter_;
};

} // namespace kiln::store
