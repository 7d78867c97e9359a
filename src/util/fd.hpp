#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace kiln::util {

/// Owns a file descriptor; closes it when it goes.
class Fd {
public:
    Fd() = default;

    explicit Fd(int fd) noexcept : fd_(fd) {}

    Fd(Fd&& other) noexcept : fd_(other.release()) {}

    Fd& operator=(Fd&& other) noexcept;
    Fd(const Fd&) = delete;
    Fd& operator=(const Fd&) = delete;

    ~Fd() { reset(); }

    [[nodiscard]] int get() const noexcept { return fd_; }

    [[nodiscard]] bool valid() const noexcept { return fd_ >= 0; }

    int release() noexcept { return std::exchange(fd_, -1); }

    void reset() noexcept;

private:
    int fd_ = -1;
};

/// The two ends of a pipe, both O_CLOEXEC.
struct Pipe {
    Fd read;
    Fd write;
};

/// Throws Error when no pipe can be made.
Pipe make_pipe();

/// Opens path with O_CLOEXEC added; throws Error that names the path.
Fd open_file(const std::string& path, int flags, unsigned mode = 0666);

/// Writes all of data; throws Error that names the file.
void write_all(int fd, std::string_view data, const std::string& name);

/// Reads to the end of the file; throws Error that names the file.
std::string read_all(int fd, const std::string& name);

/// The content of a small file; throws Error that names it.
std::string read_file(const std::string& path);

} // namespace kiln::util
