#include "store/directory/data_writer.hpp"

#include "store/directory/local_error.hpp"
#include "util/fd.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

namespace kiln::store {
namespace {

constexpr std::size_t k_block = 64UL * 1024;

bool is_zero(std::string_view block) {
    return block.front() == '\0' &&
           std::memcmp(block.data(), block.data() + 1, block.size() - 1) == 0;
}

} // namespace

std::uint64_t DataWriter::keep(std::uint64_t limit, util::Digest& digest) {
    std::vector<char> buffer(16 * k_block);
    offset_ = 0;
    while (offset_ < limit) {
        const auto wanted =
            static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), limit - offset_));
        const ssize_t count = ::pread(fd_, buffer.data(), wanted, static_cast<off_t>(offset_));
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            throw_local("cannot read '" + path_ + "'");
        }
        if (count == 0) {
            break;
        }
        digest.update({buffer.data(), static_cast<std::size_t>(count)});
        offset_ += static_cast<std::uint64_t>(count);
    }
    truncate(offset_);
    return offset_;
}

void DataWriter::restart() {
    truncate(0);
    offset_ = 0;
}

void DataWriter::write(std::string_view data) {
    while (!data.empty()) {
        const std::size_t size = std::min(data.size(), k_block - offset_ % k_block);
        const std::string_view block = data.substr(0, size);
        if (size < k_block || !is_zero(block)) {
            write_block(block);
        }
        offset_ += size;
        data.remove_prefix(size);
    }
}

void DataWriter::write_block(std::string_view block) {
    std::uint64_t place = offset_;
    while (!block.empty()) {
        const ssize_t count = ::pwrite(fd_, block.data(), block.size(), static_cast<off_t>(place));
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            throw_local("cannot write '" + path_ + "'");
        }
        place += static_cast<std::uint64_t>(count);
        block.remove_prefix(static_cast<std::size_t>(count));
    }
}

void DataWriter::finish() {
    truncate(offset_);
    if (::fsync(fd_) != 0) {
        throw_local("cannot write '" + path_ + "'");
    }
}

void DataWriter::truncate(std::uint64_t size) {
    if (::ftruncate(fd_, static_cast<off_t>(size)) != 0) {
        throw_local("cannot write '" + path_ + "'");
    }
}

void sync_folder(const std::string& path) {
    const util::Fd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd.valid() || (::fsync(fd.get()) != 0 && errno != EINVAL)) {
        throw_local("cannot sync '" + path + "'");
    }
}

} // namespace kiln::store
