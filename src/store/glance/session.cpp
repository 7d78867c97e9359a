#include "store/glance/session.hpp"

#include "net/url.hpp"
#include "store/glance/http_facts.hpp"
#include "store/glance/tries.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <cctype>

namespace kiln::store {
namespace {

constexpr std::string_view k_accept = "accept:";

bool is_accept(const std::string& header) {
    return header.size() >= k_accept.size() &&
           std::equal(k_accept.begin(), k_accept.end(), header.begin(), [](char left, char right) {
               return left == static_cast<char>(std::tolower(static_cast<unsigned char>(right)));
           });
}

/// Fills in what every call has; the token and the address come with each try.
net::HttpRequest prepared(net::HttpRequest request, const SessionOptions& options) {
    request.limits = options.limits;
    if (request.total.count() == 0 && !request.upload && !request.on_data) {
        request.total = options.total;
    }
    if (std::none_of(request.headers.begin(), request.headers.end(), is_accept)) {
        request.headers.emplace_back("Accept: application/json");
    }
    return request;
}

enum class Verdict {
    /// An answer for the caller.
    answer,
    /// Another token may do.
    refused,
    again,
    uncertain,
    hopeless
};

Verdict verdict_of_answer(long status, Repeat repeat) {
    if (status == 401) {
        return Verdict::refused;
    }
    if (!is_busy(status)) {
        return Verdict::answer;
    }
    // 502 and 504 come from what stands before the server, which may have acted.
    const bool certain = status == 429 || status == 503;
    return certain || repeat == Repeat::freely ? Verdict::again : Verdict::uncertain;
}

Verdict verdict_of(const net::HttpResult& result, Repeat repeat) {
    if (result.has_answer()) {
        return verdict_of_answer(result.answer.status, repeat);
    }
    if (repeat == Repeat::when_unseen && result.was_sent) {
        return Verdict::uncertain;
    }
    return net::may_retry(result.failure) ? Verdict::again : Verdict::hopeless;
}

/// For people: what is called, without the query.
std::string name_of(const net::HttpRequest& request) {
    return "'" + request.method + " " + net::display_url(request.url) + "'";
}

[[noreturn]] void refuse_login(const std::string& call, const Cloud& cloud) {
    throw StoreError(Problem::unauthorized,
                     {.what = call + ": the image service of cloud '" + cloud.name +
                              "' refuses a token that Keystone has just given",
                      .hint = "try again later: it answers so too while it cannot reach Keystone",
                      .code = util::ExitCode::remote});
}

} // namespace

Session::Session(std::shared_ptr<TokenSource> tokens,
                 std::string region,
                 net::HttpClient& http,
                 SessionOptions options,
                 report::Reporter& reporter)
    : tokens_(std::move(tokens)),
      region_(std::move(region)),
      http_(http),
      options_(with_defaults(std::move(options))),
      reporter_(reporter) {}

void Session::pause(std::chrono::milliseconds duration) const {
    store::pause(duration, options_);
}

Token Session::token() {
    return tokens_->get(http_, reporter_);
}

net::HttpResult Session::send(net::HttpRequest request, const Token& token) {
    Cloud here = cloud();
    if (!region_.empty()) {
        here.region = region_;
    }
    request.url = image_endpoint(here, token) + request.url;
    request.headers.push_back("X-Auth-Token: " + token.value);
    if (request.upload && request.upload->rewind) {
        request.upload->rewind();
    }
    return http_.send(request);
}

CallResult Session::call(net::HttpRequest request, Repeat repeat) {
    request = prepared(std::move(request), options_);
    const std::string name = name_of(request);
    Tries tries(name, options_, reporter_);
    bool refused_before = false;
    while (true) {
        const Token current = token();
        net::HttpResult result = send(request, current);
        const std::string reason = hidden_reason(result, current);
        const Verdict verdict = verdict_of(result, repeat);
        if (verdict == Verdict::refused && refused_before) {
            refuse_login(name, cloud());
        }
        refused_before = verdict == Verdict::refused;
        switch (verdict) {
        case Verdict::answer:
            return {.answer = std::move(result.answer)};
        case Verdict::uncertain:
            return {.uncertain = true, .reason = reason};
        case Verdict::hopeless:
            give_up(name, result, reason);
        case Verdict::refused:
            tokens_->discard(current.value);
            break;
        case Verdict::again:
            tries.wait_after(result, reason);
            break;
        }
    }
}

std::string Session::hidden_reason(const net::HttpResult& result, const Token& token) const {
    std::vector<std::string> secrets = cloud().secrets();
    secrets.push_back(token.value);
    return shown(reason_of(result), secrets);
}

} // namespace kiln::store
