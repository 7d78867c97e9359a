#include "store/glance/keystone.hpp"
#include "store/glance/tries.hpp"

namespace kiln::store {
namespace {

using std::chrono::seconds;

/// A token is renewed so long before its end.
constexpr seconds k_margin{60};

/// Lives so long: the margin would eat the half of it.
constexpr seconds k_short_life{120};

net::HttpRequest login_request(const Cloud& cloud, const SessionOptions& options) {
    return {.method = "POST",
            .url = cloud.auth_url + "/auth/tokens",
            .headers = {"Content-Type: application/json", "Accept: application/json"},
            .body = token_request(cloud),
            .limits = options.limits,
            .total = options.total};
}

/// Asks until there is an answer; to log in twice does no harm.
Token log_in(const Cloud& cloud,
             const SessionOptions& options,
             net::HttpClient& http,
             report::Reporter& reporter) {
    const net::HttpRequest request = login_request(cloud, options);
    Tries tries(login_call(cloud), options, reporter);
    while (true) {
        const SystemTime asked = options.now();
        const net::HttpResult result = http.send(request);
        const std::string reason = shown(reason_of(result), cloud.secrets());
        if (!result.has_answer() && !net::may_retry(result.failure)) {
            give_up(login_call(cloud), result, reason);
        }
        if (result.has_answer() && !is_busy(result.answer.status)) {
            if (result.answer.status != 201) {
                throw login_failure(cloud, result.answer);
            }
            return parse_token(cloud, result.answer, asked);
        }
        tries.wait_after(result, reason);
    }
}

SystemTime renewal_of(const Token& token, SystemTime now) {
    const auto life = token.expires - now;
    return life < k_short_life ? now + life / 2 : token.expires - k_margin;
}

} // namespace

TokenSource::TokenSource(Cloud cloud, SessionOptions options)
    : cloud_(std::move(cloud)), options_(with_defaults(std::move(options))) {}

Token TokenSource::get(net::HttpClient& http, report::Reporter& reporter) {
    // Held while it asks, so that threads that need a token at once make one.
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!token_ || options_.now() >= renew_) {
        token_.reset();
        token_ = log_in(cloud_, options_, http, reporter);
        renew_ = renewal_of(*token_, options_.now());
    }
    return *token_;
}

void TokenSource::discard(const std::string& token_value) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (token_ && token_->value == token_value) {
        token_.reset();
    }
}

} // namespace kiln::store
