#include "disk/content_usage.hpp"

#include "disk/sizes.hpp"
#include "disk/source_entry.hpp"
#include "util/error.hpp"
#include "util/fd.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <set>
#include <utility>

namespace kiln::disk {
namespace {

constexpr std::uint64_t k_block = 4096;
/// Shorter targets of links lie in the inode.
constexpr std::uint64_t k_inline_link = 60;

std::uint64_t blocks_of(const struct stat& status) {
    const auto size = static_cast<std::uint64_t>(status.st_size);
    if (S_ISDIR(status.st_mode)) {
        return k_block;
    }
    if (S_ISLNK(status.st_mode)) {
        return size < k_inline_link ? 0 : k_block;
    }
    const std::uint64_t stored = static_cast<std::uint64_t>(status.st_blocks) * k_sector;
    return S_ISREG(status.st_mode) ? std::min(round_up(size, k_block), round_up(stored, k_block))
                                   : 0;
}

/// What the names of a folder need beyond its first block. The size that the host tells depends on
/// its file system and on names that are gone, and would make the same content another image.
std::uint64_t more_blocks_of(const std::vector<SourceEntry>& entries) {
    constexpr std::uint64_t k_head = 8;
    constexpr std::uint64_t k_unit = 4;
    constexpr std::uint64_t k_dots = 24;
    constexpr std::uint64_t k_checksum = 12;
    std::uint64_t size = k_dots;
    for (const SourceEntry& entry : entries) {
        size += k_head + round_up(entry.name.size(), k_unit);
    }
    return size / (k_block - k_checksum) * k_block;
}

class Meter {
public:
    Meter(const util::RootDir& tree, const std::vector<std::string>& except)
        : tree_(tree), except_(except.begin(), except.end()) {}

    /// The folder counts too.
    void add_folder(const std::string& path) {
        const std::optional<util::Fd> folder = tree_.open(path, O_RDONLY | O_DIRECTORY);
        const std::optional<struct stat> status = tree_.target_status(path);
        if (folder && status && count(*status)) {
            add_content(folder->get(), path == "/" ? "" : path);
        }
    }

    [[nodiscard]] const ContentUsage& usage() const { return usage_; }

private:
    void add_content(int folder, const std::string& path) {
        if (except_.contains(path)) {
            return;
        }
        const std::vector<SourceEntry> entries = list_source(folder, path);
        usage_.bytes += more_blocks_of(entries);
        for (const SourceEntry& entry : entries) {
            if (count(entry.status) && S_ISDIR(entry.status.st_mode)) {
                const std::string place = path + "/" + entry.name;
                const util::Fd below(::openat(
                    folder, entry.name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
                if (!below.valid()) {
                    util::throw_errno("cannot read '" + place + "'");
                }
                add_content(below.get(), place);
            }
        }
    }

    /// False for a further name of a file that was counted.
    bool count(const struct stat& status) {
        const bool several = status.st_nlink > 1 && !S_ISDIR(status.st_mode);
        if (several && !seen_.insert({status.st_dev, status.st_ino}).second) {
            return false;
        }
        ++usage_.inodes;
        usage_.bytes += blocks_of(status);
        return true;
    }

    const util::RootDir& tree_;
    std::set<std::string> except_;
    std::set<std::pair<dev_t, ino_t>> seen_;
    ContentUsage usage_;
};

} // namespace

ContentUsage measure_usage(const util::RootDir& tree,
                           const std::string& folder,
                           const std::vector<std::string>& except) {
    Meter meter(tree, except);
    meter.add_folder(folder);
    return meter.usage();
}

std::vector<std::string> mount_points_below(const Layout& layout, const Filesystem& filesystem) {
    std::vector<std::string> points;
    const std::string above = filesystem.mount_point == "/" ? "/" : filesystem.mount_point + "/";
    for (const Filesystem& other : layout.filesystems) {
        if (!filesystem.mount_point.empty() && &other != &filesystem &&
            other.mount_point.starts_with(above) && other.mount_point != filesystem.mount_point) {
            points.push_back(other.mount_point);
        }
    }
    return points;
}

Contents measure_contents(const Layout& layout, const util::RootDir& tree) {
    Contents contents;
    for (const Filesystem& filesystem : layout.filesystems) {
        if (!filesystem.mount_point.empty()) {
            contents[filesystem.name] =
                measure_usage(tree, filesystem.mount_point, mount_points_below(layout, filesystem));
        }
    }
    return contents;
}

} // namespace kiln::disk
