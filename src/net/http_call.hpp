#pragma once

#include "net/easy_handle.hpp"
#include "net/http_client.hpp"
#include "net/upload_feed.hpp"

#include <array>
#include <cstdint>
#include <exception>
#include <optional>
#include <string_view>

namespace kiln::net {

/// One request as a transfer of libcurl. It must outlive its place in a multi handle; so must the
/// request.
class HttpCall {
public:
    HttpCall(const HttpRequest& request, const TlsOptions& tls);
    HttpCall(const HttpCall&) = delete;
    HttpCall& operator=(const HttpCall&) = delete;
    HttpCall(HttpCall&&) = delete;
    HttpCall& operator=(HttpCall&&) = delete;
    ~HttpCall() = default;

    [[nodiscard]] CURL* handle() const { return easy_.get(); }

    /// Bytes of the answer's body.
    [[nodiscard]] std::uint64_t received() const { return received_; }

    /// To be called when libcurl is done with the handle. Throws what a function of the request
    /// threw.
    HttpResult finish(CURLcode code);

private:
    void set_place();
    void set_method();
    void set_headers();
    void set_tls(const TlsOptions& tls);
    void set_callbacks();

    static int before_request(void* self, char*, char*, int, int);
    static std::size_t take_line(char* data, std::size_t size, std::size_t count, void* self);
    static std::size_t take_data(char* data, std::size_t size, std::size_t count, void* self);

    int allow_request();
    void see_line(std::string_view line);
    void see_head();
    bool take(std::string_view data);

    [[nodiscard]] bool takes_body() const;
    [[nodiscard]] bool was_sent() const;
    [[nodiscard]] bool may_repeat() const;
    void read_answer();
    [[nodiscard]] bool was_refused_early(CURLcode code) const;
    [[nodiscard]] FailureKind failure_of(CURLcode code) const;
    [[nodiscard]] std::string reason_for(CURLcode code) const;
    [[nodiscard]] std::string reason_of_timeout() const;

    const HttpRequest& request_;
    EasyHandle easy_{::curl_easy_init()};
    HeaderList headers_{};
    std::array<char, CURL_ERROR_SIZE> message_{};
    std::optional<UploadFeed> feed_{};
    HttpResult result_{};
    std::uint64_t received_ = 0;
    Verdict verdict_ = Verdict::drop;
    /// Of the request, when it began on its present connection; a proxy may have got some before.
    long sent_before_ = 0;
    bool began_ = false;
    bool was_sent_before_ = false;
    bool repeat_refused_ = false;
    bool head_is_whole_ = false;
    bool head_was_seen_ = false;
    bool too_large_ = false;
    std::exception_ptr thrown_{};
};

} // namespace kiln::net
