#include "cache/tree_digest.hpp"

#include "disk/sizes.hpp"
#include "util/digest.hpp"
#include "util/error.hpp"
#include "util/fd.hpp"
#include "util/text.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <memory>
#include <vector>

namespace kiln::cache {
namespace {

using util::Digest;
using util::Fd;

constexpr std::size_t k_block = std::size_t{256} * 1024;

struct DirCloser {
    void operator()(DIR* directory) const { ::closedir(directory); }
};

Fd open_at(int directory, const std::string& name, int flags, const std::string& path) {
    Fd fd(::openat(directory, name.c_str(), flags | O_CLOEXEC | O_NOFOLLOW));
    if (!fd.valid()) {
        util::throw_errno("cannot open '" + path + "'");
    }
    return fd;
}

/// Sorted names.
std::vector<std::string> names_in(int directory, const std::string& path) {
    Fd copy(::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    const std::unique_ptr<DIR, DirCloser> stream(copy.valid() ? ::fdopendir(copy.get()) : nullptr);
    if (!stream) {
        util::throw_errno("cannot list '" + path + "'");
    }
    copy.release();
    std::vector<std::string> names;
    // NOLINTNEXTLINE(concurrency-mt-unsafe): each stream has one reader
    while (const dirent* entry = ::readdir(stream.get())) {
        const std::string name = entry->d_name;
        if (name != "." && name != "..") {
            names.push_back(name);
        }
    }
    std::sort(names.begin(), names.end());
    return names;
}

/// One entry on the walk: where it is, and what lstat tells.
struct Visit {
    int directory;
    std::string name;
    std::string path;
    struct stat info;
};

void walk(int directory, const std::string& path, const std::function<void(const Visit&)>& see) {
    for (const std::string& name : names_in(directory, path)) {
        Visit visit{directory, name, path.empty() ? name : util::child_path(path, name), {}};
        if (::fstatat(directory, name.c_str(), &visit.info, AT_SYMLINK_NOFOLLOW) != 0) {
            util::throw_errno("cannot look at '" + visit.path + "'");
        }
        see(visit);
        if (S_ISDIR(visit.info.st_mode)) {
            const Fd below = open_at(directory, name, O_RDONLY | O_DIRECTORY, visit.path);
            walk(below.get(), visit.path, see);
        }
    }
}

/// Text fields with their lengths, so that no two trees give the same bytes.
class Fields {
public:
    explicit Fields(Digest& digest) : digest_(digest) {}

    Fields& text(const std::string& value) {
        digest_.update(std::to_string(value.size()) + ":" + value);
        return *this;
    }

    template <typename Number>
    Fields& number(Number value) {
        digest_.update(std::to_string(value) + ",");
        return *this;
    }

private:
    Digest& digest_;
};

/// What a file system takes away from files that are not in it: names of attributes a user can set,
/// those of overlays included.
std::map<std::string, std::string> attributes_of(const Visit& visit) {
    const std::string path = "/proc/self/fd/" + std::to_string(visit.directory) + "/" + visit.name;
    std::map<std::string, std::string> attributes;
    const ssize_t room = ::llistxattr(path.c_str(), nullptr, 0);
    std::vector<char> names(static_cast<std::size_t>(std::max<ssize_t>(room, 0)));
    const ssize_t length =
        room > 0 ? ::llistxattr(path.c_str(), names.data(), names.size()) : ssize_t{0};
    for (ssize_t at = 0; at < length;) {
        const std::string name = names.data() + at;
        at += static_cast<ssize_t>(name.size()) + 1;
        std::vector<char> value(XATTR_SIZE_MAX);
        const ssize_t size = ::lgetxattr(path.c_str(), name.c_str(), value.data(), value.size());
        if (size >= 0) {
            attributes[name] = std::string(value.data(), static_cast<std::size_t>(size));
        }
    }
    return attributes;
}

/// What overlayfs notes for itself: inodes of lower layers. Others say what the layer does (opaque,
/// whiteout).
bool is_note_of_overlay(const std::string& name) {
    return name == "user.overlay.origin" || name == "user.overlay.impure" ||
           name == "user.overlay.uuid" || name == "user.overlay.nlink";
}

std::string content_of(const Visit& visit, std::vector<char>& buffer) {
    const Fd fd = open_at(visit.directory, visit.name, O_RDONLY | O_NOATIME, visit.path);
    Digest digest(util::DigestKind::sha256);
    while (true) {
        const ssize_t count = ::read(fd.get(), buffer.data(), buffer.size());
        if (count < 0) {
            util::throw_errno("cannot read '" + visit.path + "'");
        }
        if (count == 0) {
            return digest.finish();
        }
        digest.update({buffer.data(), static_cast<std::size_t>(count)});
    }
}

std::string link_of(const Visit& visit) {
    std::array<char, PATH_MAX> target{};
    const ssize_t length =
        ::readlinkat(visit.directory, visit.name.c_str(), target.data(), target.size());
    if (length < 0) {
        util::throw_errno("cannot read the link '" + visit.path + "'");
    }
    return {target.data(), static_cast<std::size_t>(length)};
}

/// Digests a tree, entry by entry.
class TreeReader {
public:
    explicit TreeReader(std::int64_t began) : began_(began) {}

    void add(const Visit& visit) {
        const std::string content = content_field(visit);
        const auto attributes = attributes_of(visit);
        for (Digest* digest : {&content_, &identity_}) {
            Fields fields(*digest);
            fields.text(visit.path).number(visit.info.st_mode);
            fields.number(visit.info.st_uid).number(visit.info.st_gid).number(visit.info.st_rdev);
            for (const auto& [name, value] : attributes) {
                if (digest == &content_ || !is_note_of_overlay(name)) {
                    fields.text(name).text(value);
                }
            }
            fields.text(content);
        }
        add_times(visit.info);
        ++result_.entries;
        result_.bytes += static_cast<std::uint64_t>(visit.info.st_blocks) * disk::k_sector;
    }

    TreeDigest finish() {
        result_.content = content_.finish();
        result_.identity = identity_.finish();
        return result_;
    }

private:
    void add_times(const struct stat& info) {
        const struct timespec& time = info.st_mtim;
        Fields(content_).number(time.tv_sec).number(time.tv_nsec);
        if (time.tv_sec < began_) {
            Fields(identity_).number(time.tv_sec).number(time.tv_nsec);
        }
    }

    std::string content_field(const Visit& visit) {
        if (S_ISLNK(visit.info.st_mode)) {
            return link_of(visit);
        }
        if (!S_ISREG(visit.info.st_mode)) {
            return "";
        }
        const auto [first, is_new] = links_.emplace(visit.info.st_ino, visit.path);
        const bool is_link = visit.info.st_nlink > 1 && !is_new;
        return is_link ? "link to " + first->second : content_of(visit, buffer_);
    }

    std::int64_t began_;
    Digest content_{util::DigestKind::sha256};
    Digest identity_{util::DigestKind::sha256};
    TreeDigest result_{};
    std::map<ino_t, std::string> links_{};
    std::vector<char> buffer_ = std::vector<char>(k_block);
};

void walk_tree(const std::string& folder, const std::function<void(const Visit&)>& see) {
    const Fd fd = util::open_file(folder, O_RDONLY | O_DIRECTORY);
    Visit root{fd.get(), ".", ".", {}};
    if (::fstat(fd.get(), &root.info) != 0) {
        util::throw_errno("cannot look at '" + folder + "'");
    }
    see(root);
    walk(fd.get(), "", see);
}

} // namespace

TreeDigest digest_tree(const std::string& folder, std::int64_t began) {
    return util::with_context("folder '" + folder + "'", [&] {
        TreeReader reader(began);
        walk_tree(folder, [&reader](const Visit& visit) { reader.add(visit); });
        return reader.finish();
    });
}

std::string stamp_tree(const std::string& folder) {
    Digest digest(util::DigestKind::sha256);
    walk_tree(folder, [&digest](const Visit& visit) {
        const struct stat& info = visit.info;
        Fields(digest)
            .text(visit.path)
            .number(info.st_mode)
            .number(info.st_uid)
            .number(info.st_gid)
            .number(info.st_ino)
            .number(info.st_size)
            .number(info.st_mtim.tv_sec)
            .number(info.st_mtim.tv_nsec)
            .number(info.st_ctim.tv_sec)
            .number(info.st_ctim.tv_nsec);
    });
    return digest.finish();
}

} // namespace kiln::cache
