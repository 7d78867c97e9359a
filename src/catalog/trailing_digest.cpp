#include "catalog/trailing_digest.hpp"

#include "util/error.hpp"

#include <unistd.h>

#include <algorithm>
#include <system_error>
#include <utility>
#include <vector>

namespace kiln::catalog {
namespace {

constexpr std::uint64_t k_chunk = 256UL * 1024;

} // namespace

TrailingDigest::TrailingDigest(int fd, std::string path) : fd_(fd), path_(std::move(path)) {
    start();
}

TrailingDigest::~TrailingDigest() {
    is_given_up_ = true;
    stop();
}

/// Without a thread finish() does it all.
void TrailingDigest::start() {
    try {
        thread_ = std::thread([this] { run(); });
    } catch (const std::system_error&) { // NOLINT(bugprone-empty-catch)
    }
}

void TrailingDigest::stop() {
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        is_last_ = true;
    }
    changed_.notify_one();
    if (thread_.joinable()) {
        thread_.join();
    }
}

void TrailingDigest::follow_to(std::uint64_t position) {
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        position_ = std::max(position_, position);
    }
    changed_.notify_one();
}

std::string TrailingDigest::finish(std::uint64_t size) {
    follow_to(size);
    stop();
    if (failure_) {
        std::rethrow_exception(failure_);
    }
    update_to(size);
    return digest_.finish();
}

void TrailingDigest::run() noexcept {
    try {
        std::unique_lock<std::mutex> lock(mutex_);
        while (true) {
            changed_.wait(lock, [this] { return is_last_ || position_ > done_; });
            const std::uint64_t position = position_;
            const bool is_last = is_last_;
            lock.unlock();
            update_to(position);
            if (is_last || done_ < position) {
                return;
            }
            lock.lock();
        }
    } catch (...) {
        failure_ = std::current_exception();
    }
}

void TrailingDigest::update_to(std::uint64_t position) {
    std::vector<char> buffer(std::min(k_chunk, position - done_));
    while (done_ < position && !is_given_up_) {
        const std::size_t wanted = std::min<std::uint64_t>(buffer.size(), position - done_);
        const ssize_t count = ::pread(fd_, buffer.data(), wanted, static_cast<off_t>(done_));
        if (count < 0) {
            util::throw_errno("cannot read '" + path_ + "'");
        }
        if (count == 0) {
            return;
        }
        digest_.update({buffer.data(), static_cast<std::size_t>(count)});
        done_ += static_cast<std::uint64_t>(count);
    }
}

} // namespace kiln::catalog
