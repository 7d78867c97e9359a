#include "net/transfer.hpp"

#include "net/curl_support.hpp"
#include "net/easy_handle.hpp"
#include "net/url.hpp"
#include "util/text.hpp"

#include <array>
#include <charconv>
#include <exception>
#include <map>
#include <memory>

namespace kiln::net {
namespace {

constexpr long k_most_redirects = 8;
constexpr long k_connections_per_host = 6;
constexpr long k_connections = 24;

std::optional<std::uint64_t> number(std::string_view text) {
    std::uint64_t value = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (text.empty() || error != std::errc{} || stop != end) {
        return std::nullopt;
    }
    return value;
}

class Transfer {
public:
    explicit Transfer(const TransferRequest& request)
        : request_(request), headers_(make_header_list(request.headers)) {
        set_place();
        set_limits(easy_, request_.limits);
        set_option(easy_, CURLOPT_HTTPHEADER, headers_.get());
        set_option(easy_, CURLOPT_ERRORBUFFER, message_.data());
        set_option(easy_, CURLOPT_WRITEFUNCTION, &Transfer::take_data);
        set_option(easy_, CURLOPT_WRITEDATA, this);
        set_option(easy_, CURLOPT_USERAGENT, "kiln");
    }

    [[nodiscard]] CURL* handle() const { return easy_.get(); }

    /// To be called when libcurl is done with the handle.
    TransferResult finish(CURLcode code) {
        if (thrown_) {
            std::rethrow_exception(thrown_);
        }
        if (!head_ && code == CURLE_OK) {
            see_head();
        }
        return result_of(code);
    }

private:
    void set_place() {
        const std::string scheme = scheme_of(request_.url);
        set_option(easy_, CURLOPT_URL, request_.url.c_str());
        set_option(easy_, CURLOPT_PROTOCOLS_STR, scheme == "file" ? "file" : "http,https");
        set_option(easy_, CURLOPT_REDIR_PROTOCOLS_STR, scheme == "http" ? "http,https" : "https");
        set_option(easy_, CURLOPT_FOLLOWLOCATION, 1L);
        set_option(easy_, CURLOPT_MAXREDIRS, k_most_redirects);
    }

    /// No exception may cross libcurl.
    static std::size_t take_data(char* data, std::size_t size, std::size_t count, void* self) {
        auto& transfer = *static_cast<Transfer*>(self);
        try {
            return transfer.take({data, size * count}) == Verdict::take ? size * count
                                                                        : CURL_WRITEFUNC_ERROR;
        } catch (...) {
            transfer.thrown_ = std::current_exception();
            return CURL_WRITEFUNC_ERROR;
        }
    }

    Verdict take(std::string_view data) {
        if (!head_) {
            see_head();
        }
        received_ += data.size();
        if (request_.largest_body > 0 && received_ > request_.largest_body) {
            too_large_ = verdict_ == Verdict::take;
            return Verdict::drop;
        }
        if (verdict_ == Verdict::take && request_.on_data) {
            request_.on_data(data);
        }
        return verdict_;
    }

    void see_head() {
        head_ = read_head();
        verdict_ = request_.on_head ? request_.on_head(*head_) : Verdict::take;
    }

    [[nodiscard]] ResponseHead read_head() const {
        ResponseHead head;
        ::curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &head.status);
        if (scheme_of(request_.url) == "file") {
            head.status = 200;
        }
        head.validators = {.etag = header_of(easy_, "ETag"),
                           .last_modified = header_of(easy_, "Last-Modified")};
        head.length = number(header_of(easy_, "Content-Length"));
        if (const auto range = parse_content_range(header_of(easy_, "Content-Range"))) {
            head.range_start = range->start;
            head.range_total = range->total;
        }
        constexpr std::uint64_t k_longest_wait = 3600;
        head.retry_after = std::chrono::seconds(
            std::min(number(header_of(easy_, "Retry-After")).value_or(0), k_longest_wait));
        return head;
    }

    [[nodiscard]] TransferResult result_of(CURLcode code) const {
        if (verdict_ == Verdict::drop) {
            code = CURLE_OK; // ended by us
        }
        TransferResult result = {.head = head_.value_or(ResponseHead{})};
        if (too_large_) {
            result.failure = FailureKind::too_large;
            result.reason = "it is larger than " + util::human_bytes(request_.largest_body);
            return result;
        }
        result.failure = failure_of_code(code);
        if (code != CURLE_OK) {
            result.reason = reason_of(code, message_.data(), request_.limits);
        } else if (result.head.status != 304) {
            result.failure = failure_of_status(result.head.status);
            result.reason = "the server answered " + std::to_string(result.head.status);
        }
        return result;
    }

    const TransferRequest& request_;
    EasyHandle easy_{::curl_easy_init()};
    HeaderList headers_;
    std::array<char, CURL_ERROR_SIZE> message_{};
    std::optional<ResponseHead> head_{};
    Verdict verdict_ = Verdict::take;
    std::uint64_t received_ = 0;
    bool too_large_ = false;
    std::exception_ptr thrown_{};
};

using Transfers = std::vector<std::unique_ptr<Transfer>>;

MultiHandle make_multi() {
    MultiHandle multi(::curl_multi_init());
    if (!multi) {
        throw std::bad_alloc();
    }
    ::curl_multi_setopt(multi.get(), CURLMOPT_MAX_HOST_CONNECTIONS, k_connections_per_host);
    ::curl_multi_setopt(multi.get(), CURLMOPT_MAX_TOTAL_CONNECTIONS, k_connections);
    return multi;
}

void tell_waiting(const std::vector<TransferRequest>& requests) {
    for (const TransferRequest& request : requests) {
        if (request.on_wait) {
            request.on_wait();
        }
    }
}

} // namespace

std::optional<ContentRange> parse_content_range(std::string_view text) {
    constexpr std::string_view k_unit = "bytes ";
    const std::size_t dash = text.find('-');
    const std::size_t slash = text.find('/');
    if (text.substr(0, k_unit.size()) != k_unit || dash == std::string_view::npos ||
        slash == std::string_view::npos || slash < dash) {
        return std::nullopt;
    }
    const auto start = number(text.substr(k_unit.size(), dash - k_unit.size()));
    const auto last = number(text.substr(dash + 1, slash - dash - 1));
    const auto total = number(text.substr(slash + 1));
    if (!start || !last || !total || *last < *start || *total <= *last) {
        return std::nullopt;
    }
    return ContentRange{.start = *start, .total = *total};
}

FailureKind failure_of_status(long status) {
    if (status == 200 || status == 206) {
        return FailureKind::none;
    }
    if (status == 416) {
        return FailureKind::changed;
    }
    if (status == 408 || status == 425 || status == 429 || status >= 500) {
        return FailureKind::busy;
    }
    return FailureKind::refused;
}

TransferResult transfer(const TransferRequest& request) {
    return transfer_all({request}).front();
}

std::vector<TransferResult> transfer_all(const std::vector<TransferRequest>& requests) {
    start_library();
    const MultiHandle multi = make_multi();
    Transfers transfers;
    std::vector<std::unique_ptr<AddedHandle>> added;
    for (const TransferRequest& request : requests) {
        transfers.push_back(std::make_unique<Transfer>(request));
        added.push_back(std::make_unique<AddedHandle>(multi.get(), transfers.back()->handle()));
    }
    perform(multi.get(), [&] { tell_waiting(requests); });
    const std::map<const CURL*, CURLcode> codes = codes_of(multi.get());
    std::vector<TransferResult> results;
    for (const std::unique_ptr<Transfer>& transfer : transfers) {
        const auto code = codes.find(transfer->handle());
        results.push_back(transfer->finish(code == codes.end() ? CURLE_FAILED_INIT : code->second));
    }
    return results;
}

} // namespace kiln::net
