#include "util/fd.hpp"

#include "util/error.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace kiln::util {

Fd& Fd::operator=(Fd&& other) noexcept {
    if (this != &other) {
        reset();
        fd_ = other.release();
    }
    return *this;
}

void Fd::reset() noexcept {
    if (fd_ >= 0) {
        ::close(fd_);
        fd_ = -1;
    }
}

Pipe make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        throw_errno("cannot make a pipe");
    }
    return {.read = Fd(ends[0]), .write = Fd(ends[1])};
}

Fd open_file(const std::string& path, int flags, unsigned mode) {
    const int fd = ::open(path.c_str(), flags | O_CLOEXEC, mode);
    if (fd < 0) {
        throw_errno("cannot open '" + path + "'");
    }
    return Fd(fd);
}

void write_all(int fd, std::string_view data, const std::string& name) {
    while (!data.empty()) {
        const ssize_t count = ::write(fd, data.data(), data.size());
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            throw_errno("cannot write '" + name + "'");
        }
        data.remove_prefix(static_cast<std::size_t>(count));
    }
}

std::string read_all(int fd, const std::string& name) {
    std::string content;
    std::array<char, 65536> buffer{};
    while (true) {
        const ssize_t count = ::read(fd, buffer.data(), buffer.size());
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            throw_errno("cannot read '" + name + "'");
        }
        if (count == 0) {
            return content;
        }
        content.append(buffer.data(), static_cast<std::size_t>(count));
    }
}

std::string read_file(const std::string& path) {
    const Fd fd = open_file(path, O_RDONLY);
    return read_all(fd.get(), path);
}

} // namespace kiln::util
