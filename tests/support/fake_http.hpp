#pragma once

#include "net/http_client.hpp"

#include <array>
#include <deque>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace kiln::tests {

using Headers = std::vector<std::pair<std::string, std::string>>;

inline net::HttpResult answer(long status, std::string body = {}, Headers headers = {}) {
    return {.answer = {.status = status, .headers = std::move(headers), .body = std::move(body)},
            .was_sent = true};
}

enum class Seen { maybe, no };

/// A call without an answer.
inline net::HttpResult broken(Seen seen,
                              std::string reason = "the connection broke",
                              net::FailureKind kind = net::FailureKind::connection) {
    return {.failure = kind, .reason = std::move(reason), .was_sent = seen == Seen::maybe};
}

/// Web services in memory. Rules say what is answered; what none of them is for is a 404.
class FakeHttp : public net::HttpClient {
public:
    using Reply = std::function<net::HttpResult(const net::HttpRequest&)>;

    /// A request as it came, with the whole of its upload as its body.
    struct Asked {
        std::string method;
        std::string url;
        std::vector<std::string> headers;
        std::string body;

        /// The value of a header ("X-Auth-Token"); empty when there is none.
        [[nodiscard]] std::string header(const std::string& name) const {
            for (const std::string& line : headers) {
                if (line.rfind(name + ": ", 0) == 0) {
                    return line.substr(name.size() + 2);
                }
            }
            return "";
        }
    };

    /// Requests of that method whose URL holds the text get the replies one after the other, and
    /// the last of them again and again. A rule that is made later goes first.
    void on(std::string method, std::string url_part, std::vector<Reply> replies) {
        rules_.push_front({.method = std::move(method),
                           .url_part = std::move(url_part),
                           .replies = {replies.begin(), replies.end()}});
    }

    void on(std::string method, std::string url_part, std::vector<net::HttpResult> results) {
        std::vector<Reply> replies;
        for (net::HttpResult& result : results) {
            replies.emplace_back([result](const net::HttpRequest&) { return result; });
        }
        on(std::move(method), std::move(url_part), std::move(replies));
    }

    net::HttpResult send(const net::HttpRequest& request) override {
        requests.push_back(request);
        asked.push_back({.method = request.method,
                         .url = request.url,
                         .headers = request.headers,
                         .body = request.upload ? all_of(*request.upload) : request.body});
        net::HttpResult result = reply_to(request);
        if (result.has_answer() && request.on_head &&
            request.on_head(result.answer.status) == net::Verdict::take) {
            request.on_data(std::exchange(result.answer.body, {}));
        }
        return result;
    }

    /// "PUT http://image/v2/images", of all requests or those that hold the text.
    [[nodiscard]] std::vector<std::string> calls(const std::string& part = {}) const {
        std::vector<std::string> lines;
        for (const Asked& one : asked) {
            const std::string line = one.method + " " + one.url;
            if (line.find(part) != std::string::npos) {
                lines.push_back(line);
            }
        }
        return lines;
    }

    std::vector<Asked> asked{};
    std::vector<net::HttpRequest> requests{};

private:
    struct Rule {
        std::string method;
        std::string url_part;
        std::deque<Reply> replies;
    };

    static std::string all_of(const net::UploadBody& upload) {
        std::string body;
        std::array<char, 7> buffer{};
        while (const std::size_t count = upload.read(buffer.data(), buffer.size())) {
            body.append(buffer.data(), count);
        }
        return body;
    }

    net::HttpResult reply_to(const net::HttpRequest& request) {
        for (Rule& rule : rules_) {
            if (rule.method == request.method &&
                request.url.find(rule.url_part) != std::string::npos) {
                const Reply reply = rule.replies.front();
                if (rule.replies.size() > 1) {
                    rule.replies.pop_front();
                }
                return reply(request);
            }
        }
        return answer(404);
    }

    std::deque<Rule> rules_{};
};

} // namespace kiln::tests
