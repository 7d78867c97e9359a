#pragma once

#include "net/retry.hpp"
#include "net/transfer.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kiln::net {

/// A body that is read while it is sent, so that memory does not grow with it.
struct UploadBody {
    std::uint64_t size = 0;
    /// Fills the buffer and says with how much; 0 only at the end. May throw.
    std::function<std::size_t(char* buffer, std::size_t capacity)> read;
    /// Starts over: a connection that was kept had ended before anything arrived.
    std::function<void()> rewind;
};

/// One call of a web service. Redirects are not followed: they would lead credentials astray.
struct HttpRequest {
    std::string method = "GET";
    std::string url;
    /// "Name: value".
    std::vector<std::string> headers{};
    /// Sent where the method takes one and there is no upload.
    std::string body{};
    std::optional<UploadBody> upload{};
    Limits limits{};
    /// Longest time for the whole call; 0: none.
    std::chrono::seconds total{0};
    /// Longest answer that is kept; a longer one is FailureKind::too_large.
    std::uint64_t largest_answer = std::uint64_t{64} * 1024 * 1024;
    /// Says whether the body goes to on_data (take) or into HttpAnswer::body (drop).
    std::function<Verdict(long status)> on_head{};
    std::function<void(std::string_view)> on_data{};
};

struct HttpAnswer {
    long status = 0;
    /// Names in lower case.
    std::vector<std::pair<std::string, std::string>> headers{};
    std::string body{};

    /// Of the first header of that (lower case) name; empty when there is none.
    [[nodiscard]] std::string header(std::string_view name) const;
};

/// What came of a call. Any status is an answer here; failure tells of calls without a whole one.
struct HttpResult {
    HttpAnswer answer{};
    /// none, connection, cut_short, stalled, too_large, untrusted or bad_address; unreadable when
    /// an upload's bytes ended before its size.
    FailureKind failure = FailureKind::none;
    std::string reason{};
    /// Whether the server may have seen the request: then it may have acted on it.
    bool was_sent = false;

    [[nodiscard]] bool has_answer() const { return failure == FailureKind::none; }
};

/// Makes calls one after the other, over connections that are kept. Not for several threads at
/// once.
class HttpClient {
public:
    HttpClient() = default;
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;
    HttpClient(HttpClient&&) = delete;
    HttpClient& operator=(HttpClient&&) = delete;
    virtual ~HttpClient() = default;

    /// Throws only what a function of the request or on_wait throws.
    virtual HttpResult send(const HttpRequest& request) = 0;
};

/// How a server proves who it is, and this side too.
struct TlsOptions {
    /// PEM files; empty: those of the system, and no certificate of this side.
    std::string ca_file{};
    std::string certificate{};
    std::string key{};
    /// false: any certificate will do.
    bool verify = true;
};

struct HttpOptions {
    TlsOptions tls{};
    /// Called about ten times a second while a call runs. What it throws ends the call.
    std::function<void()> on_wait{};
    /// Gets one line for what is sent and one for what is answered: never header values that hold
    /// secrets, never bodies.
    std::function<void(const std::string&)> on_debug{};
};

} // namespace kiln::net
