#include "disk/raw_file.hpp"

#include "util/error.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace kiln::disk {

void throw_write_error(const std::string& path) {
    if (errno == ENOSPC || errno == EDQUOT) {
        util::throw_errno({.what = "disk full: cannot write '" + path + "'",
                           .hint = "make room there, or choose another place for the output"});
    }
    util::throw_errno("cannot write '" + path + "'");
}

RawFile RawFile::create(const std::string& path, std::uint64_t size) {
    RawFile file(path, util::open_file(path, O_RDWR | O_CREAT | O_TRUNC));
    if (::ftruncate(file.fd(), static_cast<off_t>(size)) != 0) {
        throw_write_error(path);
    }
    return file;
}

RawFile RawFile::open_readable(const std::string& path) {
    return {path, util::open_file(path, O_RDONLY)};
}

RawFile RawFile::open_writable(const std::string& path) {
    return {path, util::open_file(path, O_RDWR)};
}

std::uint64_t RawFile::size() const {
    struct stat status {};

    if (::fstat(fd(), &status) != 0) {
        util::throw_errno("cannot look at '" + path_ + "'");
    }
    return static_cast<std::uint64_t>(status.st_size);
}

std::string RawFile::read(std::uint64_t offset, std::size_t length) const {
    std::string bytes(length, '\0');
    read(offset, bytes.data(), length);
    return bytes;
}

void RawFile::read(std::uint64_t offset, char* target, std::size_t length) const {
    std::size_t done = 0;
    while (done < length) {
        const ssize_t count =
            ::pread(fd(), target + done, length - done, static_cast<off_t>(offset + done));
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            util::throw_errno("cannot read '" + path_ + "'");
        }
        if (count == 0) {
            throw util::Error({.what = "'" + path_ + "' ends too early: no " +
                                       std::to_string(length) + " bytes at " +
                                       std::to_string(offset)});
        }
        done += static_cast<std::size_t>(count);
    }
}

void RawFile::write(std::uint64_t offset, std::string_view bytes) const {
    std::size_t done = 0;
    while (done < bytes.size()) {
        const ssize_t count = ::pwrite(
            fd(), bytes.data() + done, bytes.size() - done, static_cast<off_t>(offset + done));
        if (count < 0 && errno != EINTR) {
            throw_write_error(path_);
        }
        done += count > 0 ? static_cast<std::size_t>(count) : 0;
    }
}

void RawFile::write(const Patch& patch) const {
    write(patch.offset, patch.bytes);
}

void RawFile::write(const std::vector<Patch>& patches) const {
    for (const Patch& patch : patches) {
        write(patch);
    }
}

} // namespace kiln::disk
