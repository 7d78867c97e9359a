#include "util/atomic_file.hpp"

#include "util/error.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

namespace kiln::util {

AtomicFile::AtomicFile(std::string target)
    : target_(std::move(target)), draft_(target_ + ".XXXXXX") {
    fd_ = Fd(::mkostemp(draft_.data(), O_CLOEXEC));
    if (!fd_.valid()) {
        throw_errno("cannot write '" + target_ + "'");
    }
    const mode_t mask = ::umask(0);
    ::umask(mask);
    ::fchmod(fd_.get(), 0666 & ~mask);
}

AtomicFile::~AtomicFile() {
    if (fd_.valid()) {
        ::unlink(draft_.c_str());
    }
}

void AtomicFile::write(std::string_view data) {
    write_all(fd_.get(), data, target_);
}

void AtomicFile::commit() {
    if (::fsync(fd_.get()) != 0 || ::rename(draft_.c_str(), target_.c_str()) != 0) {
        throw_errno("cannot write '" + target_ + "'");
    }
    fd_.reset();
    sync_directory(std::filesystem::absolute(target_).parent_path().string());
}

void sync_directory(const std::string& path) {
    const Fd fd = open_file(path, O_RDONLY | O_DIRECTORY);
    if (::fsync(fd.get()) != 0 && errno != EINVAL) {
        throw_errno("cannot sync '" + path + "'");
    }
}

void write_file_atomically(const std::string& path, std::string_view content) {
    AtomicFile file(path);
    file.write(content);
    file.commit();
}

} // namespace kiln::util
