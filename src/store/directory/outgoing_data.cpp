#include "store/directory/outgoing_data.hpp"

#include "store/directory/data_writer.hpp"
#include "store/directory/local_error.hpp"
#include "store/directory/locked_file.hpp"
#include "util/fd.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <vector>

namespace kiln::store {
namespace {

using Progress = std::function<void(std::uint64_t, std::uint64_t)>;

util::Fd open_source(const Image& image, const std::string& source) {
    util::Fd fd(::open(source.c_str(), O_RDONLY | O_CLOEXEC));
    if (fd.valid()) {
        return fd;
    }
    if (errno == ENOENT) {
        throw StoreError(Problem::damaged,
                         {.what = "the data of image '" + image.id + "' is gone: '" + source + "'",
                          .hint = "remove the image, and upload it again",
                          .code = util::ExitCode::failed});
    }
    throw_local("cannot read '" + source + "'");
}

LockedFile take_part(const std::string& path) {
    if (std::optional<LockedFile> file = LockedFile::take(path)) {
        return std::move(*file);
    }
    throw StoreError(Problem::conflict,
                     {.what = "another process writes '" + path + "'",
                      .hint = "wait for it, or give another name",
                      .code = util::ExitCode::failed});
}

class Copy {
public:
    Copy(const Image& image, int source, const LockedFile& part)
        : image_(image), source_(source), writer_(part.fd(), part.path()) {}

    /// From where an earlier copy left it; whether the result is what it ought to be.
    bool resume(const Progress& progress) {
        util::Digest digest(util::DigestKind::sha512);
        resumed_ = writer_.keep(image_.size.value_or(0), digest);
        return run(resumed_, digest, progress);
    }

    bool start(const Progress& progress) {
        util::Digest digest(util::DigestKind::sha512);
        writer_.restart();
        return run(0, digest, progress);
    }

    [[nodiscard]] bool was_resumed() const { return resumed_ > 0; }

    void restart() { writer_.restart(); }

private:
    bool run(std::uint64_t offset, util::Digest& digest, const Progress& progress) {
        const std::uint64_t size = image_.size.value_or(0);
        std::vector<char> buffer(1024UL * 1024);
        while (const std::size_t count = read(offset, buffer)) {
            const std::string_view part(buffer.data(), count);
            digest.update(part);
            writer_.write(part);
            offset += count;
            if (progress) {
                progress(offset, size);
            }
        }
        writer_.finish();
        return offset == size && digest.finish() == image_.hash_value;
    }

    std::size_t read(std::uint64_t offset, std::vector<char>& buffer) const {
        while (true) {
            const ssize_t count =
                ::pread(source_, buffer.data(), buffer.size(), static_cast<off_t>(offset));
            if (count >= 0) {
                return static_cast<std::size_t>(count);
            }
            if (errno != EINTR) {
                throw_local("cannot read the data of image '" + image_.id + "'");
            }
        }
    }

    const Image& image_;
    int source_;
    DataWriter writer_;
    std::uint64_t resumed_ = 0;
};

} // namespace

void copy_data(const Image& image,
               const std::string& source,
               const std::string& target,
               const Progress& progress) {
    const util::Fd from = open_source(image, source);
    const LockedFile part = take_part(target + ".part");
    Copy copy(image, from.get(), part);
    bool good = copy.resume(progress);
    if (!good && copy.was_resumed()) { // the part was of something else
        good = copy.start(progress);
    }
    if (!good) {
        ::unlink(part.path().c_str());
        throw StoreError(
            Problem::damaged,
            {.what = "the data of image '" + image.id + "' is damaged: its digest differs",
             .hint = "remove the image, and upload it again",
             .code = util::ExitCode::failed});
    }
    if (std::rename(part.path().c_str(), target.c_str()) != 0) {
        throw_local("cannot write '" + target + "'");
    }
    sync_folder(std::filesystem::absolute(target).parent_path().string());
}

} // namespace kiln::store
