#include "net/curl_support.hpp"

#include "util/error.hpp"

#include <chrono>

namespace kiln::net {
namespace {

constexpr std::chrono::milliseconds k_wait_slice{100};

} // namespace

void start_library() {
    static const CURLcode k_code = ::curl_global_init(CURL_GLOBAL_DEFAULT);
    if (k_code != CURLE_OK) {
        throw util::Error({.what = "libcurl cannot start", .code = util::ExitCode::tool});
    }
}

FailureKind failure_of_code(CURLcode code) {
    switch (code) {
    case CURLE_OK:
        return FailureKind::none;
    case CURLE_PARTIAL_FILE:
        return FailureKind::cut_short;
    case CURLE_OPERATION_TIMEDOUT:
        return FailureKind::stalled;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
        return FailureKind::untrusted;
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
    case CURLE_TOO_MANY_REDIRECTS:
        return FailureKind::bad_address;
    case CURLE_FILE_COULDNT_READ_FILE:
        return FailureKind::unreadable;
    default:
        return FailureKind::connection;
    }
}

std::string reason_of(CURLcode code, const std::string& detail, const Limits& limits) {
    if (code == CURLE_OPERATION_TIMEDOUT) {
        return "nothing came for " + std::to_string(limits.stall.count()) + " s, or too little";
    }
    if (code == CURLE_PARTIAL_FILE) {
        return "the connection ended before the file did";
    }
    const bool shown = !detail.empty() && detail.find('@') == std::string::npos;
    return shown ? detail : ::curl_easy_strerror(code);
}

void set_limits(const EasyHandle& handle, const Limits& limits) {
    set_option(handle, CURLOPT_NOSIGNAL, 1L);
    set_option(handle, CURLOPT_CONNECTTIMEOUT, static_cast<long>(limits.connect.count()));
    set_option(handle, CURLOPT_LOW_SPEED_LIMIT, limits.slow_bytes);
    set_option(handle, CURLOPT_LOW_SPEED_TIME, static_cast<long>(limits.stall.count()));
}

std::string header_of(const EasyHandle& handle, const char* name) {
    curl_header* found = nullptr;
    const bool is_there =
        ::curl_easy_header(handle.get(), name, 0, CURLH_HEADER, -1, &found) == CURLHE_OK;
    return is_there ? found->value : "";
}

void perform(CURLM* multi, const std::function<void()>& on_wait) {
    auto told = std::chrono::steady_clock::now() - k_wait_slice;
    int running = 1;
    while (running > 0 && ::curl_multi_perform(multi, &running) == CURLM_OK) {
        if (running == 0) {
            return;
        }
        const auto now = std::chrono::steady_clock::now();
        if (on_wait && now - told >= k_wait_slice) {
            told = now;
            on_wait();
        }
        ::curl_multi_poll(multi, nullptr, 0, static_cast<int>(k_wait_slice.count()), nullptr);
    }
}

std::map<const CURL*, CURLcode> codes_of(CURLM* multi) {
    std::map<const CURL*, CURLcode> codes;
    int left = 0;
    while (const CURLMsg* message = ::curl_multi_info_read(multi, &left)) {
        codes[message->easy_handle] = message->data.result;
    }
    return codes;
}

} // namespace kiln::net
