#include "net/http_call.hpp"

#include "net/curl_support.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

namespace kiln::net {
namespace {

/// Below this an upload is sent at once: a server that does not answer "Expect: 100-continue" costs
/// a second (RFC 9110, section 10.1.1), one that refuses costs less.
constexpr std::uint64_t k_asks_first = std::uint64_t{1024} * 1024;

std::string lower_case(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(), [](unsigned char letter) {
        return static_cast<char>(std::tolower(letter));
    });
    return result;
}

bool has_header(const std::vector<std::string>& headers, std::string_view name) {
    return std::any_of(headers.begin(), headers.end(), [&](const std::string& header) {
        return lower_case(header.substr(0, header.find(':'))) == name;
    });
}

} // namespace

HttpCall::HttpCall(const HttpRequest& request, const TlsOptions& tls) : request_(request) {
    set_place();
    set_method();
    set_headers();
    set_tls(tls);
    set_callbacks();
}

void HttpCall::set_place() {
    set_option(easy_, CURLOPT_URL, request_.url.c_str());
    set_option(easy_, CURLOPT_PROTOCOLS_STR, "http,https");
    set_option(easy_, CURLOPT_FOLLOWLOCATION, 0L);
    set_option(easy_, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set_option(easy_, CURLOPT_USERAGENT, "kiln");
    set_option(easy_, CURLOPT_TCP_KEEPALIVE, 1L);
    set_option(easy_, CURLOPT_TIMEOUT, static_cast<long>(request_.total.count()));
    set_option(easy_, CURLOPT_ERRORBUFFER, message_.data());
    set_limits(easy_, request_.limits);
}

bool HttpCall::takes_body() const {
    return request_.method == "POST" || request_.method == "PUT" || request_.method == "PATCH";
}

void HttpCall::set_method() {
    if (request_.upload) {
        feed_.emplace(*request_.upload);
        feed_->attach(easy_);
    } else if (takes_body()) {
        set_option(easy_, CURLOPT_POST, 1L);
        set_option(easy_, CURLOPT_POSTFIELDS, request_.body.data());
        set_option(
            easy_, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
    } else if (request_.method == "HEAD") {
        set_option(easy_, CURLOPT_NOBODY, 1L);
        return;
    }
    set_option(easy_, CURLOPT_CUSTOMREQUEST, request_.method.c_str());
}

void HttpCall::set_headers() {
    std::vector<std::string> headers = request_.headers;
    if (takes_body() && !has_header(headers, "content-type")) {
        headers.emplace_back("Content-Type:"); // libcurl would call it a form
    }
    if (!request_.upload || request_.upload->size < k_asks_first) {
        headers.emplace_back("Expect:");
    }
    headers_ = make_header_list(headers);
    set_option(easy_, CURLOPT_HTTPHEADER, headers_.get());
}

void HttpCall::set_tls(const TlsOptions& tls) {
    if (!tls.ca_file.empty()) {
        set_option(easy_, CURLOPT_CAINFO, tls.ca_file.c_str());
        set_option(easy_, CURLOPT_CAPATH, static_cast<const char*>(nullptr));
    }
    if (!tls.certificate.empty()) {
        set_option(easy_, CURLOPT_SSLCERT, tls.certificate.c_str());
    }
    if (!tls.key.empty()) {
        set_option(easy_, CURLOPT_SSLKEY, tls.key.c_str());
    }
    if (!tls.verify) {
        set_option(easy_, CURLOPT_SSL_VERIFYPEER, 0L);
        set_option(easy_, CURLOPT_SSL_VERIFYHOST, 0L);
    }
}

void HttpCall::set_callbacks() {
    set_option(easy_, CURLOPT_PREREQFUNCTION, &HttpCall::before_request);
    set_option(easy_, CURLOPT_PREREQDATA, this);
    set_option(easy_, CURLOPT_HEADERFUNCTION, &HttpCall::take_line);
    set_option(easy_, CURLOPT_HEADERDATA, this);
    set_option(easy_, CURLOPT_WRITEFUNCTION, &HttpCall::take_data);
    set_option(easy_, CURLOPT_WRITEDATA, this);
}

int HttpCall::before_request(void* self, char* /*to*/, char* /*from*/, int /*port*/, int /*own*/) {
    return static_cast<HttpCall*>(self)->allow_request();
}

/// libcurl repeats any request when a kept connection ends before a byte of the answer, also one
/// that the server may have acted on.
int HttpCall::allow_request() {
    was_sent_before_ = was_sent();
    if (was_sent_before_ && !may_repeat()) {
        repeat_refused_ = true;
        return CURL_PREREQFUNC_ABORT;
    }
    began_ = true;
    ::curl_easy_getinfo(easy_.get(), CURLINFO_REQUEST_SIZE, &sent_before_);
    return CURL_PREREQFUNC_OK;
}

bool HttpCall::was_sent() const {
    long sent = 0;
    ::curl_easy_getinfo(easy_.get(), CURLINFO_REQUEST_SIZE, &sent);
    return was_sent_before_ || (began_ && sent > sent_before_);
}

bool HttpCall::may_repeat() const {
    return request_.method == "GET" || request_.method == "HEAD" || (feed_ && !feed_->was_whole());
}

std::size_t HttpCall::take_line(char* data, std::size_t size, std::size_t count, void* self) {
    static_cast<HttpCall*>(self)->see_line({data, size * count});
    return size * count;
}

/// There may be several heads: of a proxy, of "100 Continue".
void HttpCall::see_line(std::string_view line) {
    constexpr std::string_view k_start = "HTTP/";
    if (line.substr(0, k_start.size()) == k_start) {
        head_is_whole_ = false;
    } else if (util::trim(line).empty()) {
        head_is_whole_ = true;
    }
}

/// No exception may cross libcurl.
std::size_t HttpCall::take_data(char* data, std::size_t size, std::size_t count, void* self) {
    auto& call = *static_cast<HttpCall*>(self);
    try {
        return call.take({data, size * count}) ? size * count : CURL_WRITEFUNC_ERROR;
    } catch (...) {
        call.thrown_ = std::current_exception();
        return CURL_WRITEFUNC_ERROR;
    }
}

bool HttpCall::take(std::string_view data) {
    if (!head_was_seen_) {
        see_head();
    }
    received_ += data.size();
    if (verdict_ == Verdict::take) {
        if (request_.on_data) {
            request_.on_data(data);
        }
        return true;
    }
    too_large_ = received_ > request_.largest_answer;
    if (!too_large_) {
        result_.answer.body.append(data);
    }
    return !too_large_;
}

void HttpCall::see_head() {
    head_was_seen_ = true;
    read_answer();
    if (request_.on_head) {
        verdict_ = request_.on_head(result_.answer.status);
    }
}

void HttpCall::read_answer() {
    HttpAnswer& answer = result_.answer;
    ::curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &answer.status);
    if (answer.status < 200) {
        answer.status = 0; // "100 Continue" is none
    }
    answer.headers.clear();
    curl_header* header = nullptr;
    while ((header = ::curl_easy_nextheader(easy_.get(), CURLH_HEADER, -1, header)) != nullptr) {
        answer.headers.emplace_back(lower_case(header->name), header->value);
    }
}

HttpResult HttpCall::finish(CURLcode code) {
    if (thrown_) {
        std::rethrow_exception(thrown_);
    }
    if (feed_ && feed_->thrown()) {
        std::rethrow_exception(feed_->thrown());
    }
    if (code == CURLE_OK && !head_is_whole_) {
        code = CURLE_PARTIAL_FILE; // its length was in a line that did not come
    }
    read_answer();
    if (was_refused_early(code)) {
        code = CURLE_OK;
    }
    if (code == CURLE_OK && !head_was_seen_) {
        see_head();
    }
    result_.failure = failure_of(code);
    if (result_.failure != FailureKind::none) {
        result_.reason = reason_for(code);
    }
    result_.was_sent = was_sent();
    return std::move(result_);
}

/// A server that will not have the rest of an upload resets the connection, which may cost the end
/// of its answer.
bool HttpCall::was_refused_early(CURLcode code) const {
    const bool is_broken =
        code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR || code == CURLE_PARTIAL_FILE;
    return is_broken && feed_ && !feed_->was_whole() && head_is_whole_ &&
           result_.answer.status >= 400;
}

FailureKind HttpCall::failure_of(CURLcode code) const {
    if (too_large_) {
        return FailureKind::too_large;
    }
    if (feed_ && feed_->ended_early()) {
        return FailureKind::unreadable;
    }
    if (code == CURLE_OPERATION_TIMEDOUT && !began_) {
        return FailureKind::connection;
    }
    if (code == CURLE_RECV_ERROR && head_is_whole_ && result_.answer.status >= 200) {
        return FailureKind::cut_short;
    }
    return failure_of_code(code);
}

std::string HttpCall::reason_for(CURLcode code) const {
    if (too_large_) {
        return "it is larger than " + util::human_bytes(request_.largest_answer);
    }
    if (feed_ && feed_->ended_early()) {
        return "what was to be sent ended after " + std::to_string(feed_->given()) + " of " +
               std::to_string(request_.upload->size) + " bytes";
    }
    if (repeat_refused_) {
        return "the connection ended before the answer came";
    }
    if (code == CURLE_OPERATION_TIMEDOUT) {
        return reason_of_timeout();
    }
    if (code == CURLE_PARTIAL_FILE) {
        return "the connection ended before the answer did";
    }
    return reason_of(code, message_.data(), request_.limits);
}

/// Which of the limits it was, only libcurl's text tells.
std::string HttpCall::reason_of_timeout() const {
    const Limits& limits = request_.limits;
    const bool is_slow = std::string_view(message_.data()).find("too slow") != std::string::npos;
    if (is_slow) {
        return reason_of(CURLE_OPERATION_TIMEDOUT, "", limits);
    }
    const bool limits_all = request_.total.count() > 0;
    if (limits_all && (began_ || request_.total <= limits.connect)) {
        return "it was not done within " + std::to_string(request_.total.count()) + " s";
    }
    return "no connection within " + std::to_string(limits.connect.count()) + " s";
}

} // namespace kiln::net
