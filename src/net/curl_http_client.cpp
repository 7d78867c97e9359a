#include "net/curl_http_client.hpp"

#include "net/curl_support.hpp"
#include "net/easy_handle.hpp"
#include "net/http_call.hpp"
#include "net/http_debug.hpp"

#include <chrono>
#include <new>
#include <optional>
#include <utility>

namespace kiln::net {
namespace {

/// A header with a line end in it would be two for the server.
std::optional<HttpResult> refuse(const HttpRequest& request) {
    for (const std::string& header : request.headers) {
        if (header.find_first_of("\r\n") != std::string::npos) {
            return HttpResult{.failure = FailureKind::bad_address,
                              .reason = "the header '" + header.substr(0, header.find(':')) +
                                        "' holds a line end"};
        }
    }
    return std::nullopt;
}

} // namespace

struct CurlHttpClient::Connections {
    MultiHandle multi{::curl_multi_init()};
};

CurlHttpClient::CurlHttpClient(HttpOptions options) : options_(std::move(options)) {
    start_library();
    connections_ = std::make_unique<Connections>();
    if (!connections_->multi) {
        throw std::bad_alloc();
    }
}

CurlHttpClient::~CurlHttpClient() = default;

HttpResult CurlHttpClient::send(const HttpRequest& request) {
    using std::chrono::steady_clock;
    if (auto refused = refuse(request)) {
        return *refused;
    }
    if (options_.on_debug) {
        options_.on_debug(debug_line(request));
    }
    const auto start = steady_clock::now();
    HttpCall call(request, options_.tls);
    CURLM* multi = connections_->multi.get();
    const AddedHandle added(multi, call.handle());
    perform(multi, options_.on_wait);
    const auto codes = codes_of(multi);
    const auto code = codes.find(call.handle());
    HttpResult result = call.finish(code == codes.end() ? CURLE_FAILED_INIT : code->second);
    if (options_.on_debug) {
        const auto duration =
            std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now() - start);
        options_.on_debug(debug_line(result, call.received(), duration));
    }
    return result;
}

} // namespace kiln::net
