#include "disk/ext4_image.hpp"

#include "disk/ext4_handle.hpp"
#include "disk/ext4_time.hpp"
#include "disk/identity.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace kiln::disk {
namespace {

/// Files of images are not trusted; nothing that kiln reads from one is nearly as large.
constexpr std::uint64_t k_read_limit = std::uint64_t{256} * 1024 * 1024;
constexpr int k_super_flags = EXT2_FLAG_64BITS;

/// Called for each entry of a directory; out is a vector of entries.
constexpr auto k_append_entry =
    [](ext2_ino_t, int kind, ext2_dir_entry* raw, int, int, char*, void* out) {
        auto& entries = *static_cast<std::vector<Ext4Image::Entry>*>(out);
        const int length = ext2fs_dirent_name_len(raw);
        if (kind == DIRENT_OTHER_FILE && length > 0) {
            entries.push_back({.name = std::string(&raw->name[0], static_cast<std::size_t>(length)),
                               .directory = ext2fs_dirent_file_type(raw) == EXT2_FT_DIR});
        }
        return 0;
    };

void set_inode_times(ext2_inode_large& inode, std::int64_t epoch, bool has_extra) {
    const auto low = static_cast<std::uint32_t>(epoch);
    const std::uint32_t extra = ext4_extra_bits(epoch);
    const std::uint32_t old_extra = has_extra ? inode.i_mtime_extra : 0;
    const bool newer = ext4_full_time(inode.i_mtime, old_extra) >= epoch;
    inode.i_atime = low;
    inode.i_ctime = low;
    inode.i_mtime = newer ? low : inode.i_mtime;
    if (has_extra) {
        inode.i_atime_extra = extra;
        inode.i_ctime_extra = extra;
        inode.i_mtime_extra = newer ? extra : inode.i_mtime_extra;
        inode.i_crtime = low;
        inode.i_crtime_extra = extra;
    }
}

/// The scan of all inodes, closed when it goes.
struct InodeScan {
    ext2_inode_scan scan = nullptr;

    InodeScan() = default;
    InodeScan(const InodeScan&) = delete;
    InodeScan& operator=(const InodeScan&) = delete;
    InodeScan(InodeScan&&) = delete;
    InodeScan& operator=(InodeScan&&) = delete;

    ~InodeScan() {
        if (scan != nullptr) {
            ext2fs_close_inode_scan(scan);
        }
    }
};

} // namespace

Ext4Image::Ext4Image(std::unique_ptr<Handle> handle) : handle_(std::move(handle)) {}

Ext4Image::Ext4Image(Ext4Image&&) noexcept = default;
Ext4Image& Ext4Image::operator=(Ext4Image&&) noexcept = default;
Ext4Image::~Ext4Image() = default;

Ext4Image Ext4Image::open(const std::string& raw_path, std::uint64_t offset, Access access) {
    auto handle = std::make_unique<Handle>(raw_path);
    const std::string options = "offset=" + std::to_string(offset);
    const int flags = k_super_flags | (access == Access::write ? EXT2_FLAG_RW : 0);
    const errcode_t code = ext2fs_open2(
        raw_path.c_str(), options.c_str(), flags, 0, 0, unix_io_manager, &handle->filesystem);
    handle->check(code, "the filesystem at byte " + std::to_string(offset));
    ext2_filsys filesystem = handle->filesystem;
    if (access == Access::write) {
        if (ext2fs_has_feature_journal_needs_recovery(filesystem->super) != 0) {
            throw util::Error(
                {.what = "the filesystem in '" + raw_path +
                         "' was not cleanly unmounted, it cannot be changed",
                 .hint = "boot the image once and shut it down, or run e2fsck on it"});
        }
        handle->check(ext2fs_read_bitmaps(filesystem), "the bitmaps");
        filesystem->now = filesystem->super->s_mkfs_time;
    }
    return Ext4Image(std::move(handle));
}

bool Ext4Image::exists(const std::string& path) const {
    return handle_->find(path).has_value();
}

std::optional<std::string> Ext4Image::read_file(const std::string& path) const {
    const std::optional<ext2_ino_t> number = handle_->find(path);
    if (!number) {
        return std::nullopt;
    }
    const ext2_inode inode = handle_->inode(*number, path);
    if (!LINUX_S_ISREG(inode.i_mode) || EXT2_I_SIZE(&inode) > k_read_limit) {
        handle_->fail(path, "is no regular file of a sensible size");
    }
    return handle_->read(*number, EXT2_I_SIZE(&inode), path);
}

std::optional<std::string> Ext4Image::read_link(const std::string& path) const {
    const std::optional<ext2_ino_t> number = handle_->find_last(path);
    if (!number) {
        return std::nullopt;
    }
    ext2_inode inode = handle_->inode(*number, path);
    if (!LINUX_S_ISLNK(inode.i_mode)) {
        return std::nullopt;
    }
    if (EXT2_I_SIZE(&inode) > handle_->filesystem->blocksize) {
        handle_->fail(path, "is a damaged link");
    }
    if (ext2fs_is_fast_symlink(&inode) != 0) {
        std::array<char, sizeof(inode.i_block)> text{};
        std::memcpy(text.data(), &inode.i_block[0], text.size());
        return std::string(text.data(), ::strnlen(text.data(), text.size()));
    }
    return handle_->read(*number, EXT2_I_SIZE(&inode), path);
}

std::vector<Ext4Image::Entry> Ext4Image::list(const std::string& path) const {
    std::vector<Entry> entries;
    const std::optional<ext2_ino_t> number = handle_->find(path);
    if (!number || !LINUX_S_ISDIR(handle_->inode(*number, path).i_mode)) {
        return entries;
    }
    handle_->check(
        ext2fs_dir_iterate2(handle_->filesystem, *number, 0, nullptr, k_append_entry, &entries),
        path);
    std::sort(entries.begin(), entries.end(), [](const Entry& left, const Entry& right) {
        return left.name < right.name;
    });
    return entries;
}

void Ext4Image::write_file(const std::string& path, const std::string& content, unsigned mode) {
    remove(path);
    const Handle::Place place = handle_->parent_of(path);
    ext2_ino_t number = 0;
    ext2_filsys filesystem = handle_->filesystem;
    const auto type = static_cast<std::uint16_t>(LINUX_S_IFREG | (mode & 07777U));
    handle_->check(ext2fs_new_inode(filesystem, place.directory, type, nullptr, &number), path);
    handle_->make_room(place, path, [&] {
        return ext2fs_link(
            filesystem, place.directory, place.name.c_str(), number, EXT2_FT_REG_FILE);
    });
    ext2fs_inode_alloc_stats2(filesystem, number, 1, 0);
    handle_->make_inode(number, type, path);
    handle_->write(number, content, path);
}

void Ext4Image::make_symlink(const std::string& path, const std::string& target) {
    remove(path);
    const Handle::Place place = handle_->parent_of(path);
    handle_->make_room(place, path, [&] {
        return ext2fs_symlink(
            handle_->filesystem, place.directory, 0, place.name.c_str(), target.c_str());
    });
}

void Ext4Image::make_directories(const std::string& path, unsigned mode) {
    std::string above;
    for (const std::string& part : util::split(path, '/')) {
        if (part.empty()) {
            continue;
        }
        above += "/" + part;
        if (exists(above)) {
            continue;
        }
        const Handle::Place place = handle_->parent_of(above);
        handle_->make_room(place, above, [&] {
            return ext2fs_mkdir(handle_->filesystem, place.directory, 0, place.name.c_str());
        });
        const ext2_ino_t number = handle_->find(above).value();
        ext2_inode inode = handle_->inode(number, above);
        inode.i_mode = static_cast<std::uint16_t>(LINUX_S_IFDIR | (mode & 07777U));
        handle_->check(ext2fs_write_inode(handle_->filesystem, number, &inode), above);
    }
}

void Ext4Image::remove(const std::string& path) {
    const std::optional<ext2_ino_t> number = handle_->find_last(path);
    if (!number) {
        return;
    }
    ext2_inode inode = handle_->inode(*number, path);
    if (LINUX_S_ISDIR(inode.i_mode)) {
        handle_->fail(path, "is a directory, it is not removed");
    }
    const Handle::Place place = handle_->parent_of(path);
    ext2_filsys filesystem = handle_->filesystem;
    handle_->check(ext2fs_unlink(filesystem, place.directory, place.name.c_str(), *number, 0),
                   path);
    inode.i_links_count = static_cast<std::uint16_t>(std::max(0, inode.i_links_count - 1));
    inode.i_dtime = inode.i_links_count == 0 ? filesystem->super->s_mkfs_time : 0;
    handle_->check(ext2fs_write_inode(filesystem, *number, &inode), path);
    if (inode.i_links_count == 0) {
        handle_->release(*number, inode, path);
    }
}

void Ext4Image::set_owner(const std::string& path, const Ownership& owner) {
    const std::optional<ext2_ino_t> number = handle_->find(path);
    if (!number) {
        handle_->fail(path, "does not exist");
    }
    ext2_inode inode = handle_->inode(*number, path);
    inode.i_mode = static_cast<std::uint16_t>((inode.i_mode & ~07777U) | (owner.mode & 07777U));
    inode.i_uid = static_cast<std::uint16_t>(owner.user & 0xffffU);
    inode.i_uid_high = static_cast<std::uint16_t>(owner.user >> 16U);
    inode.i_gid = static_cast<std::uint16_t>(owner.group & 0xffffU);
    inode.i_gid_high = static_cast<std::uint16_t>(owner.group >> 16U);
    handle_->check(ext2fs_write_inode(handle_->filesystem, *number, &inode), path);
}

void Ext4Image::set_times(std::int64_t epoch) {
    ext2_filsys filesystem = handle_->filesystem;
    const std::string what = "the times of its files";
    InodeScan scan;
    ext2_ino_t number = 0;
    ext2_inode_large inode{};
    const int length = std::min<int>(EXT2_INODE_SIZE(filesystem->super), sizeof(inode));
    const bool has_extra = length > EXT2_GOOD_OLD_INODE_SIZE;
    handle_->check(ext2fs_open_inode_scan(filesystem, 0, &scan.scan), what);
    while (true) {
        auto* plain = reinterpret_cast<ext2_inode*>(&inode);
        handle_->check(ext2fs_get_next_inode_full(scan.scan, &number, plain, length), what);
        if (number == 0) {
            break;
        }
        if (inode.i_mode == 0 || inode.i_links_count == 0) {
            continue;
        }
        set_inode_times(inode, epoch, has_extra);
        handle_->check(ext2fs_write_inode_full(filesystem, number, plain, length), what);
    }
    filesystem->now = epoch;
}

std::string Ext4Image::label() const {
    const auto& bytes = handle_->filesystem->super->s_volume_name;
    const auto* text = reinterpret_cast<const char*>(&bytes[0]);
    return {text, ::strnlen(text, sizeof(bytes))};
}

std::string Ext4Image::uuid() const {
    Uuid uuid{};
    std::copy_n(&handle_->filesystem->super->s_uuid[0], uuid.size(), uuid.begin());
    return to_string(uuid);
}

void Ext4Image::close() {
    ext2_filsys filesystem = std::exchange(handle_->filesystem, nullptr);
    handle_->check(ext2fs_close2(filesystem, EXT2_FLAG_FLUSH_NO_SYNC), "the end of writing");
}

} // namespace kiln::disk
