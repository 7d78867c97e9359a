#pragma once

#include "net/client.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace kiln::tests {

/// A network in memory. What is in `pages` is there, with an ETag made of its text; the rest is
/// absent.
class FakeClient : public net::Client {
public:
    net::Document get(const net::DocumentRequest& request) override {
        const net::DocumentResult result = ask(request);
        if (const auto* failure = std::get_if<net::DocumentFailure>(&result)) {
            throw util::Error(failure->error);
        }
        return std::get<net::Document>(result);
    }

    std::vector<net::DocumentResult>
    get_all(const std::vector<net::DocumentRequest>& requests) override {
        ++rounds;
        std::vector<net::DocumentResult> results;
        for (const net::DocumentRequest& request : requests) {
            results.push_back(ask(request));
        }
        return results;
    }

    net::FileResult download(const net::FileRequest& request) override {
        throw util::Error({.what = "no file " + request.url});
    }

    std::map<std::string, std::string> pages{};
    /// By URL.
    std::map<std::string, std::string> last_modified{};
    /// URLs that begin so cannot be reached.
    std::set<std::string> down{};
    int rounds = 0;
    std::vector<std::string> asked{};
    /// Answers that had a body.
    std::vector<std::string> sent{};

private:
    net::DocumentResult ask(const net::DocumentRequest& request) {
        asked.push_back(request.url);
        for (const std::string& host : down) {
            if (request.url.rfind(host, 0) == 0) {
                return net::DocumentFailure{{.what = "cannot fetch '" + request.url + "': refused",
                                             .hint = "is the network up?",
                                             .code = util::ExitCode::remote}};
            }
        }
        const auto page = pages.find(request.url);
        if (page == pages.end()) {
            return net::DocumentFailure{
                {.what = "cannot fetch '" + request.url + "': the server answered 404",
                 .code = util::ExitCode::remote},
                true};
        }
        const net::Validators now = {.etag = page->second,
                                     .last_modified = last_modified[request.url]};
        if (request.known.etag == now.etag) {
            return net::Document{.not_modified = true, .validators = now};
        }
        sent.push_back(request.url);
        return net::Document{.body = page->second, .validators = now};
    }
};

} // namespace kiln::tests
