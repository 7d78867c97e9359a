#pragma once

#include "net/http_client.hpp"

#include <memory>

namespace kiln::net {

/// libcurl, HTTP/1.1. Proxies are those of the environment (http_proxy, https_proxy, no_proxy).
///
/// A kept connection may turn out to have ended when the next call uses it. That call is made again
/// over a new one as long as the server cannot have acted on it: for GET and HEAD, while nothing
/// was sent, or while a part of an upload is still to come.
class CurlHttpClient : public HttpClient {
public:
    /// Throws util::Error (code tool) when libcurl does not start.
    explicit CurlHttpClient(HttpOptions options);
    CurlHttpClient(const CurlHttpClient&) = delete;
    CurlHttpClient& operator=(const CurlHttpClient&) = delete;
    CurlHttpClient(CurlHttpClient&&) = delete;
    CurlHttpClient& operator=(CurlHttpClient&&) = delete;
    ~CurlHttpClient() override;

    HttpResult send(const HttpRequest& request) override;

private:
    /// Keeps libcurl's header out of this one.
    struct Connections;

    HttpOptions options_;
    std::unique_ptr<Connections> connections_;
};

} // namespace kiln::net
