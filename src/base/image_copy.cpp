#include "base/image_copy.hpp"

#include "base/file_mark.hpp"
#include "disk/raw_copy.hpp"
#include "util/atomic_file.hpp"
#include "util/entry_lock.hpp"
#include "util/error.hpp"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

namespace kiln::base {
namespace {

namespace fs = std::filesystem;

/// Where an image is and what it looks like: nobody can write to it and leave that as it was.
std::string identity_of(const std::string& image) {
    const std::string file = fs::canonical(image).string();
    std::optional<FileMark> mark = mark_of(file);
    if (!mark) {
        throw util::Error({.what = "'" + image + "' is no regular file",
                           .hint = "give the file of an image",
                           .code = util::ExitCode::usage});
    }
    mark->origin = file;
    return to_json(*mark);
}

class Copy {
public:
    Copy(std::string image, const std::string& target)
        : image_(std::move(image)),
          target_(fs::absolute(target)),
          stem_((target_.parent_path() / ("." + target_.filename().string() + ".kiln-copy"))
                    .string()),
          identity_(identity_of(image_)) {
        if (fs::is_directory(target_)) {
            throw util::Error({.what = "'" + target + "' is a folder",
                               .hint = "give the name of a file in it",
                               .code = util::ExitCode::usage});
        }
    }

    CopyResult run(const std::function<void()>& on_wait) const {
        const auto lock =
            util::EntryLock::take(stem_ + ".lock", util::EntryLock::Mode::exclusive, on_wait);
        const CopyResult result = is_current() ? CopyResult::unchanged : CopyResult::copied;
        if (result == CopyResult::copied) {
            write();
        }
        ::unlink((stem_ + ".lock").c_str());
        return result;
    }

private:
    [[nodiscard]] bool is_current() const {
        const std::optional<FileMark> mark = mark_of(target_.string());
        if (!mark || !mark_of(stem_)) {
            return false;
        }
        const std::optional<FileMark> noted = mark_from_json(util::read_file(stem_));
        return noted && noted->origin == identity_ && noted->same_file(*mark);
    }

    void write() const {
        const std::string draft = stem_ + ".part";
        ::unlink(draft.c_str()); // of one that was killed
        try {
            disk::copy_sparse(image_, draft);
            publish(draft);
        } catch (...) {
            ::unlink(draft.c_str());
            throw;
        }
    }

    void publish(const std::string& draft) const {
        if (identity_of(image_) != identity_) {
            throw util::Error({.what = "'" + image_ + "' changed while it was copied",
                               .hint = "do it again when nobody writes to it"});
        }
        const util::Fd fd = util::open_file(draft, O_RDONLY);
        if (::fsync(fd.get()) != 0 || ::rename(draft.c_str(), target_.c_str()) != 0) {
            util::throw_errno("cannot write '" + target_.string() + "'");
        }
        util::sync_directory(target_.parent_path().string());
        remember(fd);
    }

    /// The mark is that of the file that was written, even if another took its place meanwhile.
    void remember(const util::Fd& fd) const {
        std::optional<FileMark> mark = mark_of(fd.get());
        mark->origin = identity_;
        util::write_file_atomically(stem_, to_json(*mark));
    }

    std::string image_;
    fs::path target_;
    /// The note; its lock and the draft have more after it.
    std::string stem_;
    std::string identity_;
};

} // namespace

CopyResult copy_image(const std::string& image,
                      const std::string& target,
                      const std::function<void()>& on_wait) {
    return Copy(image, target).run(on_wait);
}

} // namespace kiln::base
