#pragma once

#include "net/curl_http_client.hpp"
#include "unit/net/echo_server.hpp"
#include "unit/net/generated_body.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <functional>
#include <string>

namespace kiln::tests {

/// The servers of the tests are asked without one.
inline void forget_proxies() {
    for (const char* name :
         {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}) {
        ::unsetenv(name);
    }
}

/// Calls of the echo server.
class HttpCalls : public testing::Test {
protected:
    HttpCalls() { forget_proxies(); }

    net::HttpResult send(net::HttpRequest request) { return client.send(request); }

    net::HttpResult get(const std::string& path) { return send({.url = server.url(path)}); }

    nlohmann::json echo(net::HttpRequest request) {
        const net::HttpResult result = send(std::move(request));
        EXPECT_TRUE(result.has_answer()) << result.reason;
        EXPECT_EQ(result.answer.status, 200);
        return nlohmann::json::parse(result.answer.body, nullptr, false);
    }

    int seen(const std::string& path) { return std::stoi(get("/seen" + path).answer.body); }

    std::function<void()> on_wait{};
    std::string debug{};
    EchoServer server{};
    net::CurlHttpClient client{
        {.on_wait =
             [this] {
                 if (on_wait) {
                     on_wait();
                 }
             },
         .on_debug = [this](const std::string& line) { debug += line + "\n"; }}};
};

} // namespace kiln::tests
