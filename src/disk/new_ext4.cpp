#include "disk/new_ext4.hpp"

#include "disk/ext4_time.hpp"
#include "util/error.hpp"

#include <et/com_err.h>

#include <algorithm>
#include <utility>

namespace kiln::disk {
namespace {

/// An extent has 15 bits for its length.
constexpr std::uint64_t k_longest_extent = 32768;

constexpr std::uint32_t k_needed_incompatible =
    EXT2_FEATURE_INCOMPAT_FILETYPE | EXT3_FEATURE_INCOMPAT_EXTENTS;
constexpr std::uint32_t k_known_incompatible =
    k_needed_incompatible | EXT4_FEATURE_INCOMPAT_64BIT | EXT4_FEATURE_INCOMPAT_FLEX_BG;
constexpr std::uint32_t k_known_read_only =
    EXT2_FEATURE_RO_COMPAT_SPARSE_SUPER | EXT2_FEATURE_RO_COMPAT_LARGE_FILE |
    EXT4_FEATURE_RO_COMPAT_HUGE_FILE | EXT4_FEATURE_RO_COMPAT_GDT_CSUM |
    EXT4_FEATURE_RO_COMPAT_DIR_NLINK | EXT4_FEATURE_RO_COMPAT_EXTRA_ISIZE |
    EXT4_FEATURE_RO_COMPAT_METADATA_CSUM;

ext2_inode* plain(ext2_inode_large& inode) {
    return reinterpret_cast<ext2_inode*>(&inode);
}

struct Extents {
    ext2_extent_handle_t handle = nullptr;

    Extents() = default;
    Extents(const Extents&) = delete;
    Extents& operator=(const Extents&) = delete;
    Extents(Extents&&) = delete;
    Extents& operator=(Extents&&) = delete;

    ~Extents() {
        if (handle != nullptr) {
            ext2fs_extent_free(handle);
        }
    }
};

struct AttributeHandle {
    ext2_xattr_handle* handle = nullptr;

    AttributeHandle() = default;
    AttributeHandle(const AttributeHandle&) = delete;
    AttributeHandle& operator=(const AttributeHandle&) = delete;
    AttributeHandle(AttributeHandle&&) = delete;
    AttributeHandle& operator=(AttributeHandle&&) = delete;

    ~AttributeHandle() {
        if (handle != nullptr) {
            ext2fs_xattrs_close(&handle);
        }
    }
};

/// More subfolders than a link count can tell are told by 1 (feature dir_nlink).
std::uint16_t link_count(std::uint64_t links) {
    return static_cast<std::uint16_t>(links >= EXT2_LINK_MAX ? 1 : links);
}

std::uint64_t subfolders(const Ext4Folder& folder) {
    return static_cast<std::uint64_t>(
        std::count_if(folder.names.begin(), folder.names.end(), [](const Ext4Name& name) {
            return name.kind == EXT2_FT_DIR;
        }));
}

} // namespace

NewExt4::NewExt4(const std::string& raw_path,
                 std::uint64_t offset,
                 std::optional<std::int64_t> epoch)
    : raw_path_(raw_path), epoch_(epoch) {
    const std::string options = "offset=" + std::to_string(offset);
    check(ext2fs_open2(raw_path.c_str(),
                       options.c_str(),
                       EXT2_FLAG_64BITS | EXT2_FLAG_RW,
                       0,
                       0,
                       unix_io_manager,
                       &filesystem_),
          "the filesystem");
    const errcode_t code = ext2fs_read_bitmaps(filesystem_);
    if (code != 0) {
        ext2fs_close2(std::exchange(filesystem_, nullptr), EXT2_FLAG_FLUSH_NO_SYNC);
        check(code, "the bitmaps");
    }
    filesystem_->now = filesystem_->super->s_mkfs_time;
}

NewExt4::~NewExt4() {
    if (filesystem_ != nullptr) {
        ext2fs_close2(filesystem_, EXT2_FLAG_FLUSH_NO_SYNC);
    }
}

void NewExt4::check(errcode_t code, const std::string& path) const {
    if (code == 0) {
        return;
    }
    if (code == EXT2_ET_BLOCK_ALLOC_FAIL || code == EXT2_ET_INODE_ALLOC_FAIL) {
        throw OutOfRoom{};
    }
    if (code == ENOSPC || code == EDQUOT) {
        errno = static_cast<int>(code);
        throw_write_error(raw_path_);
    }
    initialize_ext2_error_table();
    throw util::Error(
        {.what = "image '" + raw_path_ + "': '" + path + "': " + error_message(code)});
}

bool NewExt4::is_plain() const {
    const ext2_super_block& super = *filesystem_->super;
    return (super.s_feature_incompat & k_needed_incompatible) == k_needed_incompatible &&
           (super.s_feature_incompat & ~k_known_incompatible) == 0 &&
           (super.s_feature_ro_compat & ~k_known_read_only) == 0 &&
           EXT2_INODE_SIZE(&super) >= sizeof(ext2_inode_large);
}

ext2_inode_large NewExt4::inode_of(const struct stat& status) const {
    ext2_inode_large inode{};
    inode.i_mode = static_cast<std::uint16_t>(status.st_mode);
    inode.i_uid = static_cast<std::uint16_t>(status.st_uid & 0xffffU);
    inode.i_uid_high = static_cast<std::uint16_t>(status.st_uid >> 16U);
    inode.i_gid = static_cast<std::uint16_t>(status.st_gid & 0xffffU);
    inode.i_gid_high = static_cast<std::uint16_t>(status.st_gid >> 16U);
    inode.i_links_count = 1;
    inode.i_extra_isize = sizeof(ext2_inode_large) - EXT2_GOOD_OLD_INODE_SIZE;
    const std::int64_t changed = epoch_.value_or(status.st_mtime);
    const std::int64_t modified = std::min<std::int64_t>(status.st_mtime, changed);
    inode.i_mtime = static_cast<std::uint32_t>(modified);
    inode.i_mtime_extra = ext4_extra_bits(modified);
    inode.i_atime = static_cast<std::uint32_t>(changed);
    inode.i_ctime = inode.i_atime;
    inode.i_crtime = inode.i_atime;
    inode.i_atime_extra = ext4_extra_bits(changed);
    inode.i_ctime_extra = inode.i_atime_extra;
    inode.i_crtime_extra = inode.i_atime_extra;
    return inode;
}

ext2_ino_t NewExt4::allocate(ext2_ino_t folder, mode_t mode, const std::string& path) {
    ext2_ino_t number = 0;
    check(ext2fs_new_inode(filesystem_, folder, static_cast<int>(mode), nullptr, &number), path);
    ext2fs_inode_alloc_stats2(filesystem_, number, 1, S_ISDIR(mode) ? 1 : 0);
    return number;
}

void NewExt4::give_blocks(const File& file, const Parts& parts, const Placed& placed) {
    Extents extents;
    check(ext2fs_extent_open2(filesystem_, file.number, plain(file.inode), &extents.handle),
          file.path);
    for (const auto& [first, length] : parts) {
        for (std::uint64_t done = 0; done < length;) {
            const std::uint64_t wanted = std::min(length - done, k_longest_extent);
            ext2fs_extent extent = take_blocks(file, wanted);
            extent.e_lblk = first + done;
            check(ext2fs_extent_insert(extents.handle, EXT2_EXTENT_INSERT_AFTER, &extent),
                  file.path);
            check(ext2fs_extent_fix_parents(extents.handle), file.path);
            placed(extent.e_lblk, extent.e_pblk, extent.e_len);
            done += extent.e_len;
        }
    }
}

ext2fs_extent NewExt4::take_blocks(const File& file, std::uint64_t most) {
    blk64_t start = 0;
    blk64_t count = 0;
    check(ext2fs_new_range(filesystem_, 0, next_block_, most, nullptr, &start, &count), file.path);
    ext2fs_block_alloc_stats_range(filesystem_, start, static_cast<blk_t>(count), 1);
    check(ext2fs_iblk_add_blocks(filesystem_, plain(file.inode), count), file.path);
    next_block_ = start + count;
    return {.e_pblk = start, .e_lblk = 0, .e_len = static_cast<std::uint32_t>(count), .e_flags = 0};
}

void NewExt4::write_inode(const File& file) {
    check(ext2fs_write_inode_full(
              filesystem_, file.number, plain(file.inode), sizeof(ext2_inode_large)),
          file.path);
}

void NewExt4::write_folder(const File& file, const Ext4Folder& folder) {
    const bool checksums = ext2fs_has_feature_metadata_csum(filesystem_->super) != 0;
    std::vector<std::string> blocks =
        make_folder_blocks(folder, block_size(), checksums ? sizeof(ext2_dir_entry_tail) : 0);
    file.inode.i_links_count = link_count(2 + subfolders(folder));
    const std::uint64_t size = blocks.size() * block_size();
    check(ext2fs_inode_size_set(filesystem_, plain(file.inode), static_cast<ext2_off64_t>(size)),
          file.path);
    const auto write = [&](std::uint64_t logical, std::uint64_t physical, std::uint64_t count) {
        for (std::uint64_t i = 0; i < count; ++i) {
            char* block = blocks.at(logical + i).data();
            if (checksums) {
                ext2fs_initialize_dirent_tail(filesystem_, EXT2_DIRENT_TAIL(block, block_size()));
            }
            check(ext2fs_write_dir_block4(filesystem_, physical + i, block, 0, file.number),
                  file.path);
        }
    };
    give_blocks(file, {{0, blocks.size()}}, write);
    write_inode(file);
}

void NewExt4::add_to_folder(const File& file, const Ext4Folder& folder) {
    for (const Ext4Name& name : folder.names) {
        const auto link = [&] {
            return ext2fs_link(filesystem_,
                               file.number,
                               name.name.c_str(),
                               name.inode,
                               static_cast<int>(name.kind));
        };
        errcode_t code = link();
        if (code == EXT2_ET_DIR_NO_SPACE) {
            check(ext2fs_expand_dir(filesystem_, file.number), file.path);
            code = link();
        }
        check(code, file.path);
    }
    ext2_inode_large old{};
    check(ext2fs_read_inode_full(filesystem_, file.number, plain(old), sizeof(old)), file.path);
    file.inode.i_links_count = link_count(old.i_links_count + subfolders(folder));
    file.inode.i_size = old.i_size;
    file.inode.i_size_high = old.i_size_high;
    file.inode.i_blocks = old.i_blocks;
    file.inode.osd2.linux2.l_i_blocks_hi = old.osd2.linux2.l_i_blocks_hi;
    file.inode.i_flags = old.i_flags;
    std::copy(std::begin(old.i_block), std::end(old.i_block), std::begin(file.inode.i_block));
    write_inode(file);
}

ext2_ino_t NewExt4::find_in_root(const std::string& name) {
    ext2_ino_t number = 0;
    const errcode_t code = ext2fs_lookup(
        filesystem_, EXT2_ROOT_INO, name.c_str(), static_cast<int>(name.size()), nullptr, &number);
    if (code == EXT2_ET_FILE_NOT_FOUND) {
        return 0;
    }
    check(code, "/" + name);
    return number;
}

void NewExt4::add_link(ext2_ino_t number, const std::string& path) {
    ext2_inode inode{};
    check(ext2fs_read_inode(filesystem_, number, &inode), path);
    ++inode.i_links_count;
    check(ext2fs_write_inode(filesystem_, number, &inode), path);
}

void NewExt4::set_attributes(ext2_ino_t number,
                             const Attributes& attributes,
                             const std::string& path) {
    if (attributes.empty()) {
        return;
    }
    AttributeHandle open;
    check(ext2fs_xattrs_open(filesystem_, number, &open.handle), path);
    check(ext2fs_xattrs_read(open.handle), path);
    for (const auto& [name, value] : attributes) {
        check(ext2fs_xattr_set(open.handle, name.c_str(), value.data(), value.size()), path);
    }
}

void NewExt4::close() {
    ext2_filsys filesystem = std::exchange(filesystem_, nullptr);
    check(ext2fs_close2(filesystem, EXT2_FLAG_FLUSH_NO_SYNC), "the end of writing");
}

} // namespace kiln::disk
