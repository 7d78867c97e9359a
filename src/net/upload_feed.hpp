#pragma once

#include "net/easy_handle.hpp"
#include "net/http_client.hpp"

#include <cstdint>
#include <exception>

namespace kiln::net {

/// Gives libcurl the bytes of an upload, and keeps what its functions throw, since no exception may
/// cross libcurl.
class UploadFeed {
public:
    explicit UploadFeed(const UploadBody& body) : body_(body) {}

    /// Makes the transfer an upload of exactly the body's size (never chunked).
    void attach(const EasyHandle& handle);

    /// Whether every byte was given at some time: then a server may have the whole request.
    [[nodiscard]] bool was_whole() const { return was_whole_ || body_.size == 0; }

    /// Whether the body's end came before its size.
    [[nodiscard]] bool ended_early() const { return ended_early_; }

    [[nodiscard]] std::uint64_t given() const { return given_; }

    [[nodiscard]] const std::exception_ptr& thrown() const { return thrown_; }

private:
    static std::size_t read(char* buffer, std::size_t size, std::size_t count, void* self);
    static int seek(void* self, curl_off_t offset, int origin);

    std::size_t fill(char* buffer, std::size_t capacity);
    int start_over(curl_off_t offset, int origin);

    const UploadBody& body_;
    std::uint64_t given_ = 0;
    bool was_whole_ = false;
    bool ended_early_ = false;
    std::exception_ptr thrown_{};
};

} // namespace kiln::net
