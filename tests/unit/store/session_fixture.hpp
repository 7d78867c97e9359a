#pragma once

#include "store/glance/session.hpp"
#include "store/store_error.hpp"
#include "support/fake_http.hpp"
#include "support/memory_reporter.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

namespace kiln::tests {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// 2026-11-20T22:00:00Z by the machine's clock.
constexpr std::chrono::system_clock::time_point k_start{seconds{1795212000}};

constexpr const char* k_server_start = "Fri, 20 Nov 2026 22:00:00 GMT";

inline store::Cloud publisher() {
    return {.name = "prod",
            .auth_url = "http://keystone/v3",
            .user = {.name = "publisher", .domain_id = "default"},
            .password = "s3cret",
            .project = {.name = "images", .domain_id = "default"}};
}

inline nlohmann::json
catalog_entry(const std::string& interface, const std::string& region, const std::string& url) {
    return {{"interface", interface}, {"region", region}, {"region_id", region}, {"url", url}};
}

/// As Keystone answers, at 22:00 by its clock unless date says otherwise.
inline net::HttpResult token_answer(const std::string& value,
                                    const std::string& expires_at = "2026-11-20T23:00:00.000000Z",
                                    const std::string& date = k_server_start) {
    const nlohmann::json body = {
        {"token",
         {{"expires_at", expires_at},
          {"issued_at", "2026-11-20T22:00:00.000000Z"},
          {"user", {{"id", "u1"}, {"name", "publisher"}}},
          {"project", {{"id", "p1"}, {"name", "images"}}},
          {"roles", {{{"id", "r1"}, {"name", "member"}}, {{"id", "r2"}, {"name", "reader"}}}},
          {"catalog",
           {{{"type", "identity"},
             {"endpoints", {catalog_entry("public", "RegionOne", "http://keystone")}}},
            {{"type", "image"},
             {"endpoints",
              {catalog_entry("public", "RegionOne", "http://image"),
               catalog_entry("internal", "RegionOne", "http://inner")}}}}}}}};
    return answer(201, body.dump(), {{"x-subject-token", value}, {"date", date}});
}

inline net::HttpResult keystone_error(long status, const std::string& message) {
    return answer(status,
                  nlohmann::json{{"error", {{"code", status}, {"message", message}}}}.dump());
}

/// What went wrong, as a StoreError.
struct Refusal {
    store::Problem problem{};
    util::ErrorInfo info{};
};

template <typename Action>
Refusal refusal_of(const Action& action) {
    try {
        action();
    } catch (const store::StoreError& error) {
        return {.problem = error.problem(), .info = error.info()};
    }
    ADD_FAILURE() << "nothing was thrown";
    return {.info = {.what = ""}};
}

/// A Keystone and an image service in memory, and a clock that only pauses move.
class Cloudscape {
public:
    [[nodiscard]] store::SessionOptions options() {
        return {.retry = {.tries = 4},
                .sleep =
                    [this](milliseconds slice) {
                        longest_slice = std::max(longest_slice, slice);
                        time += slice;
                        slept += slice;
                    },
                .jitter = [] { return 0.5; },
                .now = [this] { return time; },
                .on_wait = [this] { ++waits; }};
    }

    std::shared_ptr<store::TokenSource> source(const store::Cloud& cloud = publisher()) {
        return std::make_shared<store::TokenSource>(cloud, options());
    }

    /// Keystone gives tokens "token-1", "token-2" and so on.
    void give_tokens() {
        http.on("POST", "/auth/tokens", {FakeHttp::Reply([this](const net::HttpRequest&) {
                    return token_answer("token-" + std::to_string(++given));
                })});
    }

    [[nodiscard]] std::vector<std::string> warnings() const {
        return reporter.texts(report::EventKind::warning);
    }

    FakeHttp http{};
    MemoryReporter reporter{};
    std::chrono::system_clock::time_point time = k_start;
    milliseconds slept{0};
    milliseconds longest_slice{0};
    int waits = 0;
    int given = 0;
};

} // namespace kiln::tests
