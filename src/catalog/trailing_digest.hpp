#pragma once

#include "util/digest.hpp"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <mutex>
#include <string>
#include <thread>

namespace kiln::catalog {

/// SHA-512 of a file that another part of the program reads, made on a thread that follows it: the
/// data is in the page cache then, and the reader does not wait.
class TrailingDigest {
public:
    /// The descriptor must stay open; the path is for messages.
    TrailingDigest(int fd, std::string path);
    TrailingDigest(const TrailingDigest&) = delete;
    TrailingDigest& operator=(const TrailingDigest&) = delete;
    TrailingDigest(TrailingDigest&&) = delete;
    TrailingDigest& operator=(TrailingDigest&&) = delete;
    ~TrailingDigest();

    /// Bytes before this position were read; a lower one than the last is nothing new.
    void follow_to(std::uint64_t position);

    /// Of the first `size` bytes of the file, in lower-case hexadecimal; less when it ends earlier.
    /// Those that nobody read yet are read now. May be called once. Throws util::Error when the
    /// file cannot be read.
    std::string finish(std::uint64_t size);

private:
    void start();
    void stop();
    void run() noexcept;
    void update_to(std::uint64_t position);

    const int fd_;
    const std::string path_;
    util::Digest digest_{util::DigestKind::sha512};
    std::uint64_t done_ = 0;
    std::exception_ptr failure_{};
    std::mutex mutex_{};
    std::condition_variable changed_{};
    std::uint64_t position_ = 0;
    bool is_last_ = false;
    std::atomic<bool> is_given_up_{false};
    std::thread thread_{};
};

} // namespace kiln::catalog
