#pragma once

#include "net/http_client.hpp"
#include "report/reporter.hpp"
#include "store/glance/session.hpp"
#include "store/store_error.hpp"

#include <string>
#include <vector>

namespace kiln::store {

/// The options with the machine's own clock, pauses and chance where none are given.
SessionOptions with_defaults(SessionOptions options);

/// "the server answered 503", or why there is no answer.
std::string reason_of(const net::HttpResult& result);

/// The text with every secret hidden and on one line, for messages that hold a server's words.
std::string shown(std::string text, const std::vector<std::string>& secrets);

/// Waits, and calls on_wait about ten times a second meanwhile.
void pause(std::chrono::milliseconds duration, const SessionOptions& options);

/// The tries of one call.
class Tries {
public:
    /// call: for people, what is tried.
    Tries(std::string call, const SessionOptions& options, report::Reporter& reporter)
        : call_(std::move(call)), options_(options), reporter_(reporter) {}

    /// Says what failed and waits until the next try. Throws StoreError (unavailable) when that
    /// was the last one.
    void wait_after(const net::HttpResult& result, const std::string& reason);

private:
    std::string call_;
    const SessionOptions& options_;
    report::Reporter& reporter_;
    int failures_ = 0;
};

/// Throws StoreError (unavailable) for a failure that another try does not cure.
[[noreturn]] void
give_up(const std::string& call, const net::HttpResult& result, const std::string& reason);

} // namespace kiln::store
