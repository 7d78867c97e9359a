#pragma once

#include "net/client.hpp"
#include "net/transfer.hpp"
#include "report/reporter.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace kiln::net {

struct ClientOptions {
    Limits limits{};
    RetryPolicy retry{};
    /// Called about ten times a second while a request runs or waits for its next try. What it
    /// throws ends the work and reaches the caller: the place to look for signals.
    std::function<void()> on_wait{};
    /// Waits; replaced in tests.
    std::function<void(std::chrono::milliseconds)> sleep{};
    /// 0 to 1; replaced in tests.
    std::function<double()> jitter{};
};

/// libcurl. Proxies are those of the environment (http_proxy, https_proxy, no_proxy).
class CurlClient : public Client {
public:
    CurlClient(ClientOptions options, report::Reporter& reporter);

    Document get(const DocumentRequest& request) override;
    std::vector<DocumentResult> get_all(const std::vector<DocumentRequest>& requests) override;
    FileResult download(const FileRequest& request) override;

private:
    /// What one try came to; `news` is whether it brought the work forward.
    struct Attempt {
        TransferResult result;
        bool news = false;
    };

    /// A document of get_all() that has not come yet.
    struct OpenDocument {
        const DocumentRequest* request;
        DocumentResult* result;
    };

    std::vector<OpenDocument> try_all(std::vector<OpenDocument> open, int round);
    void repeat(const std::string& url, const std::function<Attempt()>& attempt);
    /// Says why there is another try after so many failures, and how long to wait before it.
    std::chrono::milliseconds
    delay_after(const std::string& url, const TransferResult& result, int failures);
    void pause(std::chrono::milliseconds duration) const;

    ClientOptions options_;
    report::Reporter& reporter_;
};

} // namespace kiln::net
