#pragma once

#include "net/client.hpp"
#include "net/retry.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::net {

struct Limits {
    std::chrono::seconds connect{20};
    /// A transfer that moves less than `slow_bytes` a second for so long is given up.
    std::chrono::seconds stall{30};
    long slow_bytes = 1024;
};

/// The head of the last answer, after all redirects.
struct ResponseHead {
    /// 200 for a file:// URL that could be read.
    long status = 0;
    Validators validators{};
    /// Of the body of this answer.
    std::optional<std::uint64_t> length{};
    /// Content-Range of a 206: where it starts, and the size of the whole.
    std::optional<std::uint64_t> range_start{};
    std::optional<std::uint64_t> range_total{};
    std::chrono::seconds retry_after{0};
};

enum class Verdict { take, drop };

/// One request. The functions may throw; that ends the transfer and reaches the caller.
struct TransferRequest {
    std::string url;
    std::vector<std::string> headers{};
    Limits limits{};
    /// A body of more bytes ends the transfer (FailureKind::too_large); 0: no limit.
    std::uint64_t largest_body = 0;
    /// Says whether the body is wanted; called once, before it.
    std::function<Verdict(const ResponseHead&)> on_head{};
    std::function<void(std::string_view)> on_data{};
    /// Called about ten times a second, also while nothing comes.
    std::function<void()> on_wait{};
};

struct TransferResult {
    FailureKind failure = FailureKind::none;
    /// For people, when it failed: "the server answered 503".
    std::string reason{};
    ResponseHead head{};
};

/// "bytes 5-9/10": where it starts and the size of the whole; nothing for anything else.
struct ContentRange {
    std::uint64_t start;
    std::uint64_t total;
};

std::optional<ContentRange> parse_content_range(std::string_view text);

/// What an http status means for a request of a file.
FailureKind failure_of_status(long status);

/// Redirects lead to http or https only, and never from https to http.
TransferResult transfer(const TransferRequest& request);

/// All at the same time, a few per server; the results in the same order. What one of the functions
/// throws ends them all.
std::vector<TransferResult> transfer_all(const std::vector<TransferRequest>& requests);

} // namespace kiln::net
