#include "net/upload_feed.hpp"

#include <algorithm>
#include <cstdio>

namespace kiln::net {
namespace {

/// Each turn of libcurl sends one buffer: a small one (64 KiB by itself) costs time.
constexpr long k_buffer = 1024L * 1024;

} // namespace

void UploadFeed::attach(const EasyHandle& handle) {
    set_option(handle, CURLOPT_UPLOAD, 1L);
    set_option(handle, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(body_.size));
    set_option(handle, CURLOPT_UPLOAD_BUFFERSIZE, k_buffer);
    set_option(handle, CURLOPT_READFUNCTION, &UploadFeed::read);
    set_option(handle, CURLOPT_READDATA, this);
    set_option(handle, CURLOPT_SEEKFUNCTION, &UploadFeed::seek);
    set_option(handle, CURLOPT_SEEKDATA, this);
}

std::size_t UploadFeed::read(char* buffer, std::size_t size, std::size_t count, void* self) {
    auto& feed = *static_cast<UploadFeed*>(self);
    try {
        return feed.fill(buffer, size * count);
    } catch (...) {
        feed.thrown_ = std::current_exception();
        return CURL_READFUNC_ABORT;
    }
}

std::size_t UploadFeed::fill(char* buffer, std::size_t capacity) {
    const std::uint64_t left = body_.size - given_;
    if (left == 0) {
        return 0;
    }
    const std::size_t wanted = std::min<std::uint64_t>(capacity, left);
    const std::size_t got = body_.read(buffer, wanted);
    if (got == 0 || got > wanted) {
        ended_early_ = true; // the server would wait for what never comes
        return CURL_READFUNC_ABORT;
    }
    given_ += got;
    was_whole_ = was_whole_ || given_ == body_.size;
    return got;
}

int UploadFeed::seek(void* self, curl_off_t offset, int origin) {
    auto& feed = *static_cast<UploadFeed*>(self);
    try {
        return feed.start_over(offset, origin);
    } catch (...) {
        feed.thrown_ = std::current_exception();
        return CURL_SEEKFUNC_FAIL;
    }
}

int UploadFeed::start_over(curl_off_t offset, int origin) {
    if (offset != 0 || origin != SEEK_SET || !body_.rewind) {
        return CURL_SEEKFUNC_FAIL;
    }
    body_.rewind();
    given_ = 0;
    return CURL_SEEKFUNC_OK;
}

} // namespace kiln::net
