#include "net/curl_client.hpp"

#include "net/partial_file.hpp"
#include "net/url.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <array>
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

util::ErrorInfo failure_of(const std::string& url, const TransferResult& result) {
    return {.what = "cannot fetch '" + display_url(url) + "': " + result.reason,
            .hint = hint_for(result.failure),
            .code = util::ExitCode::remote};
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

/// A document that is being asked for; its answer goes into the one given.
TransferRequest document_transfer(const DocumentRequest& request,
                                  const ClientOptions& options,
                                  Document& document) {
    document = {};
    return {.url = request.url,
            .headers = document_headers(request),
            .limits = options.limits,
            .largest_body = request.limit,
            .on_head =
                [](const ResponseHead& head) {
                    return head.status == 200 ? Verdict::take : Verdict::drop;
                },
            .on_data = [&document](std::string_view data) { document.body.append(data); },
            .on_wait = options.on_wait};
}

void settle(Document& document, const TransferResult& result) {
    document.not_modified = result.head.status == 304;
    document.validators = result.head.validators;
}

bool says_absent(const TransferResult& result) {
    constexpr std::array<long, 3> k_statuses = {403, 404, 410};
    return result.failure == FailureKind::unreadable ||
           (result.failure == FailureKind::refused &&
            std::find(k_statuses.begin(), k_statuses.end(), result.head.status) !=
                k_statuses.end());
}

DocumentResult result_of(const std::string& url, Document&& document, const TransferResult& end) {
    if (end.failure != FailureKind::none) {
        return DocumentFailure{.error = failure_of(url, end), .absent = says_absent(end)};
    }
    settle(document, end);
    return std::move(document);
}

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
    repeat(request.url, [&] {
        const TransferResult result = transfer(document_transfer(request, options_, document));
        settle(document, result);
        return Attempt{.result = result};
    });
    return document;
}

std::vector<DocumentResult> CurlClient::get_all(const std::vector<DocumentRequest>& requests) {
    std::vector<OpenDocument> open;
    std::vector<DocumentResult> results(requests.size());
    for (std::size_t i = 0; i < requests.size(); ++i) {
        open.push_back({.request = &requests[i], .result = &results[i]});
    }
    for (int round = 1; !open.empty(); ++round) {
        open = try_all(std::move(open), round);
    }
    return results;
}

/// Those that are to be tried again, after the longest of their pauses.
std::vector<CurlClient::OpenDocument> CurlClient::try_all(std::vector<OpenDocument> open,
                                                          int round) {
    std::vector<Document> documents(open.size());
    std::vector<TransferRequest> transfers;
    for (std::size_t i = 0; i < open.size(); ++i) {
        transfers.push_back(document_transfer(*open[i].request, options_, documents[i]));
    }
    const std::vector<TransferResult> ended = transfer_all(transfers);
    std::vector<OpenDocument> again;
    milliseconds delay{0};
    for (std::size_t i = 0; i < open.size(); ++i) {
        const std::string& url = open[i].request->url;
        if (may_retry(ended[i].failure) && round < options_.retry.tries) {
            again.push_back(open[i]);
            delay = std::max(delay, delay_after(url, ended[i], round));
        } else {
            *open[i].result = result_of(url, std::move(documents[i]), ended[i]);
        }
    }
    pause(delay);
    return again;
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
            throw util::Error(failure_of(url, result));
        }
        pause(delay_after(url, result, failures));
    }
}

milliseconds
CurlClient::delay_after(const std::string& url, const TransferResult& result, int failures) {
    const milliseconds delay =
        retry_delay(options_.retry, failures, options_.jitter(), result.head.retry_after);
    reporter_.warn("'" + display_url(url) + "': " + result.reason + "; trying again in " +
                   util::human_duration(delay));
    return delay;
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
