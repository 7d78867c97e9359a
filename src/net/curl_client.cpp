#include "net/curl_client.hpp"

#include "net/partial_file.hpp"
#include "net/url.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <random>
#include <thread>

namespace kiln::net {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds k_slice{100};

/// So much in one go, and the server is worth the full number of tries again.
constexpr std::uint64_t k_progress = std::uint64_t{1024} * 1024;

double random_jitter() {
    static std::mt19937 engine{std::random_device{}()};
    return std::uniform_real_distribution<double>(0, 1)(engine);
}

std::string hint_for(FailureKind kind) {
    switch (kind) {
    case FailureKind::untrusted:
        return "is the clock right, and is ca-certificates installed?";
    case FailureKind::refused:
    case FailureKind::bad_address:
    case FailureKind::unreadable:
        return "is the address right?";
    case FailureKind::too_large:
        return "is this the right file?";
    default:
        return "is the network up? a proxy is taken from http_proxy and https_proxy";
    }
}

[[noreturn]] void give_up(const std::string& url, const TransferResult& result) {
    throw util::Error({.what = "cannot fetch '" + display_url(url) + "': " + result.reason,
                       .hint = hint_for(result.failure),
                       .code = util::ExitCode::remote});
}

std::vector<std::string> document_headers(const DocumentRequest& request) {
    std::vector<std::string> headers;
    if (!request.known.etag.empty()) {
        headers.push_back("If-None-Match: " + request.known.etag);
    }
    if (!request.known.last_modified.empty()) {
        headers.push_back("If-Modified-Since: " + request.known.last_modified);
    }
    if (request.caches == CachesBetween::bypassed) {
        headers.emplace_back("Cache-Control: no-cache");
        headers.emplace_back("Pragma: no-cache");
    }
    return headers;
}

TransferResult too_large(std::uint64_t limit) {
    return {.failure = FailureKind::too_large,
            .reason = "it is larger than " + util::human_bytes(limit)};
}

/// Thrown out of a transfer to end it at the limit.
struct LimitReached {};

/// One try to get a whole document.
class DocumentAttempt {
public:
    DocumentAttempt(const DocumentRequest& request, Document& document)
        : request_(request), document_(document) {}

    TransferResult run(const ClientOptions& options) {
        document_ = {};
        try {
            const TransferResult result =
                transfer({.url = request_.url,
                          .headers = document_headers(request_),
                          .limits = options.limits,
                          .on_head = [](const ResponseHead& head) { return wanted(head); },
                          .on_data = [this](std::string_view data) { take(data); },
                          .on_wait = options.on_wait});
            document_.not_modified = result.head.status == 304;
            document_.validators = result.head.validators;
            return result;
        } catch (const LimitReached&) {
            return too_large(request_.limit);
        }
    }

private:
    static Verdict wanted(const ResponseHead& head) {
        return head.status == 200 ? Verdict::take : Verdict::drop;
    }

    void take(std::string_view data) {
        if (document_.body.size() + data.size() > request_.limit) {
            throw LimitReached{};
        }
        document_.body.append(data);
    }

    const DocumentRequest& request_;
    Document& document_;
};

/// One try to get a file, or the rest of it.
class FileAttempt {
public:
    FileAttempt(const FileRequest& request, PartialFile& file, report::Step& step)
        : request_(request), file_(file), step_(step) {}

    TransferResult run(const ClientOptions& options) {
        try {
            TransferResult result =
                transfer({.url = request_.url,
                          .headers = range_headers(file_.size(), file_.note()),
                          .limits = options.limits,
                          .on_head = [this](const ResponseHead& head) { return begin(head); },
                          .on_data = [this](std::string_view data) { take(data); },
                          .on_wait = options.on_wait});
            return settle(std::move(result));
        } catch (const LimitReached&) {
            file_.restart({});
            return too_large(request_.limit);
        }
    }

    [[nodiscard]] std::uint64_t received() const { return received_; }

private:
    Verdict begin(const ResponseHead& head) {
        if (head.status == 200) {
            file_.restart({.validators = head.validators, .total = head.length.value_or(0)});
        } else if (head.status == 206) {
            fits_ = head.range_start == file_.size() &&
                    (file_.note().total == 0 || head.range_total == file_.note().total);
        }
        if (head.length.value_or(0) > request_.limit) {
            throw LimitReached{};
        }
        return (head.status == 200 || head.status == 206) && fits_ ? Verdict::take : Verdict::drop;
    }

    void take(std::string_view data) {
        if (file_.size() + data.size() > request_.limit) {
            throw LimitReached{};
        }
        file_.append(data);
        received_ += data.size();
        step_.progress(file_.size(), file_.note().total);
    }

    TransferResult settle(TransferResult result) {
        if (!fits_ || result.failure == FailureKind::changed) {
            file_.restart({});
            result.failure = FailureKind::changed;
            result.reason = "the file changed while it was fetched";
        } else if (result.failure == FailureKind::none && file_.note().total > 0 &&
                   !file_.is_whole()) {
            result.failure = FailureKind::cut_short;
            result.reason = "the connection ended before the file did";
        }
        return result;
    }

    const FileRequest& request_;
    PartialFile& file_;
    report::Step& step_;
    std::uint64_t received_ = 0;
    bool fits_ = true;
};

} // namespace

CurlClient::CurlClient(ClientOptions options, report::Reporter& reporter)
    : options_(std::move(options)), reporter_(reporter) {
    if (!options_.sleep) {
        options_.sleep = [](milliseconds duration) { std::this_thread::sleep_for(duration); };
    }
    if (!options_.jitter) {
        options_.jitter = random_jitter;
    }
}

Document CurlClient::get(const DocumentRequest& request) {
    Document document;
    repeat(request.url,
           [&] { return Attempt{.result = DocumentAttempt(request, document).run(options_)}; });
    return document;
}

FileResult CurlClient::download(const FileRequest& request) {
    PartialFile file(request.path);
    FileResult result;
    report::Step step(reporter_, "fetch " + display_url(request.url));
    if (file.size() > 0) {
        reporter_.info("going on after " + util::human_bytes(file.size()));
    }
    if (!file.is_whole()) {
        repeat(request.url, [&] {
            FileAttempt attempt(request, file, step);
            Attempt outcome = {.result = attempt.run(options_)};
            outcome.news = attempt.received() >= k_progress;
            result.transferred += attempt.received();
            return outcome;
        });
    }
    file.sync();
    result.size = file.size();
    step.done(util::human_bytes(result.size));
    return result;
}

void CurlClient::repeat(const std::string& url, const std::function<Attempt()>& attempt) {
    int failures = 0;
    while (true) {
        const Attempt outcome = attempt();
        const TransferResult& result = outcome.result;
        if (result.failure == FailureKind::none) {
            return;
        }
        failures = outcome.news ? 1 : failures + 1;
        if (!may_retry(result.failure) || failures >= options_.retry.tries) {
            give_up(url, result);
        }
        const milliseconds delay =
            retry_delay(options_.retry, failures, options_.jitter(), result.head.retry_after);
        reporter_.warn("'" + display_url(url) + "': " + result.reason + "; trying again in " +
                       util::human_duration(delay));
        pause(delay);
    }
}

void CurlClient::pause(milliseconds duration) const {
    while (duration > milliseconds(0)) {
        if (options_.on_wait) {
            options_.on_wait();
        }
        const milliseconds slice = std::min(duration, k_slice);
        options_.sleep(slice);
        duration -= slice;
    }
}

} // namespace kiln::net
