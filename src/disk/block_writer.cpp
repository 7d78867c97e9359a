#include "disk/block_writer.hpp"

#include "util/error.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace kiln::disk {
namespace {

constexpr std::uint64_t k_chunk = std::uint64_t{1024} * 1024;

void read_exactly(const BlockWriter::Copy& job, char* target, std::size_t length) {
    std::size_t done = 0;
    while (done < length) {
        const ssize_t count = ::pread(
            job.source, target + done, length - done, static_cast<off_t>(job.offset + done));
        if (count < 0 && errno != EINTR) {
            util::throw_errno("cannot read '" + job.name + "'");
        }
        if (count == 0) {
            throw util::Error({.what = "'" + job.name + "' became shorter while it was read"});
        }
        done += count > 0 ? static_cast<std::size_t>(count) : 0;
    }
}

} // namespace

BlockWriter::BlockWriter(const RawFile& raw, std::uint64_t block)
    : raw_(raw), block_(block), buffer_(std::max(k_chunk / block, std::uint64_t{1}) * block) {}

void BlockWriter::copy(const Copy& job) {
    Copy rest = job;
    while (rest.length > 0) {
        go_to(rest.place);
        const std::uint64_t part = std::min<std::uint64_t>(rest.length, buffer_.size() - used_);
        read_exactly(rest, buffer_.data() + used_, part);
        used_ += part;
        rest.offset += part;
        rest.place += part;
        rest.length -= part;
    }
    end_block();
}

void BlockWriter::put(std::string_view bytes, std::uint64_t place) {
    go_to(place);
    std::copy(bytes.begin(), bytes.end(), buffer_.begin() + static_cast<std::ptrdiff_t>(used_));
    used_ += bytes.size();
    end_block();
}

void BlockWriter::flush() {
    raw_.write(start_, {buffer_.data(), used_});
    used_ = 0;
}

void BlockWriter::go_to(std::uint64_t place) {
    if (place != start_ + used_ || used_ == buffer_.size()) {
        flush();
        start_ = place;
    }
}

void BlockWriter::end_block() {
    const std::size_t end = (used_ + block_ - 1) / block_ * block_;
    std::fill(buffer_.begin() + static_cast<std::ptrdiff_t>(used_),
              buffer_.begin() + static_cast<std::ptrdiff_t>(end),
              '\0');
    used_ = end;
}

} // namespace kiln::disk
