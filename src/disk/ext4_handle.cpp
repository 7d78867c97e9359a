#include "disk/ext4_handle.hpp"

#include "util/error.hpp"

#include <et/com_err.h>

#include <algorithm>
#include <utility>

namespace kiln::disk {
namespace {

/// An open file of the filesystem, closed when it goes.
struct OpenFile {
    ext2_file_t file = nullptr;

    OpenFile() = default;
    OpenFile(const OpenFile&) = delete;
    OpenFile& operator=(const OpenFile&) = delete;
    OpenFile(OpenFile&&) = delete;
    OpenFile& operator=(OpenFile&&) = delete;

    ~OpenFile() {
        if (file != nullptr) {
            ext2fs_file_close(file);
        }
    }
};

constexpr std::size_t k_handle_chunk = std::size_t{1024} * 1024;

} // namespace

Ext4Image::Handle::~Handle() {
    if (filesystem != nullptr) {
        ext2fs_close2(filesystem, EXT2_FLAG_FLUSH_NO_SYNC);
    }
}

void Ext4Image::Handle::check(errcode_t code, const std::string& path) const {
    if (code == 0) {
        return;
    }
    initialize_ext2_error_table();
    if (code == EXT2_ET_BLOCK_ALLOC_FAIL || code == EXT2_ET_INODE_ALLOC_FAIL) {
        throw util::Error(
            {.what = "the filesystem in '" + image + "' has no room for '" + path + "'",
             .hint = "make the image larger with: --image-size N"});
    }
    fail(path, error_message(code));
}

void Ext4Image::Handle::fail(const std::string& path, const std::string& why) const {
    throw util::Error({.what = "image '" + image + "': '" + path + "': " + why});
}

std::optional<ext2_ino_t> Ext4Image::Handle::find(const std::string& path) const {
    ext2_ino_t number = 0;
    const errcode_t code =
        ext2fs_namei_follow(filesystem, EXT2_ROOT_INO, EXT2_ROOT_INO, path.c_str(), &number);
    if (code == EXT2_ET_FILE_NOT_FOUND || code == EXT2_ET_NO_DIRECTORY) {
        return std::nullopt;
    }
    check(code, path);
    return number;
}

std::optional<ext2_ino_t> Ext4Image::Handle::find_last(const std::string& path) const {
    ext2_ino_t number = 0;
    const errcode_t code =
        ext2fs_namei(filesystem, EXT2_ROOT_INO, EXT2_ROOT_INO, path.c_str(), &number);
    if (code == EXT2_ET_FILE_NOT_FOUND || code == EXT2_ET_NO_DIRECTORY) {
        return std::nullopt;
    }
    check(code, path);
    return number;
}

Ext4Image::Handle::Place Ext4Image::Handle::parent_of(const std::string& path) const {
    const std::size_t slash = path.rfind('/');
    Place place{.directory = EXT2_ROOT_INO,
                .name = slash == std::string::npos ? path : path.substr(slash + 1)};
    if (place.name.empty() || place.name == "." || place.name == "..") {
        fail(path, "is no name of a file");
    }
    if (slash != std::string::npos && slash > 0) {
        const std::optional<ext2_ino_t> directory = find(path.substr(0, slash));
        if (!directory) {
            fail(path, "its directory does not exist");
        }
        place.directory = *directory;
    }
    return place;
}

ext2_inode Ext4Image::Handle::inode(ext2_ino_t number, const std::string& path) const {
    ext2_inode inode{};
    check(ext2fs_read_inode(filesystem, number, &inode), path);
    return inode;
}

std::string
Ext4Image::Handle::read(ext2_ino_t number, std::uint64_t size, const std::string& path) const {
    OpenFile open;
    check(ext2fs_file_open(filesystem, number, 0, &open.file), path);
    std::string content(static_cast<std::size_t>(size), '\0');
    std::size_t done = 0;
    while (done < content.size()) {
        unsigned got = 0;
        const auto part = static_cast<unsigned>(std::min(k_handle_chunk, content.size() - done));
        check(ext2fs_file_read(open.file, content.data() + done, part, &got), path);
        if (got == 0) {
            fail(path, "ends too early");
        }
        done += got;
    }
    return content;
}

void Ext4Image::Handle::write(ext2_ino_t number,
                              const std::string& content,
                              const std::string& path) const {
    OpenFile open;
    check(ext2fs_file_open(filesystem, number, EXT2_FILE_WRITE, &open.file), path);
    std::size_t done = 0;
    while (done < content.size()) {
        unsigned put = 0;
        const auto part = static_cast<unsigned>(std::min(k_handle_chunk, content.size() - done));
        check(ext2fs_file_write(open.file, content.data() + done, part, &put), path);
        done += put;
    }
    check(ext2fs_file_close(std::exchange(open.file, nullptr)), path);
}

void Ext4Image::Handle::make_inode(ext2_ino_t number,
                                   std::uint16_t type,
                                   const std::string& path) const {
    ext2_inode inode{};
    inode.i_mode = type;
    inode.i_links_count = 1;
    inode.i_mtime = filesystem->super->s_mkfs_time;
    inode.i_atime = inode.i_mtime;
    inode.i_ctime = inode.i_mtime;
    check(ext2fs_write_new_inode(filesystem, number, &inode), path);
    if (ext2fs_has_feature_extents(filesystem->super) != 0) {
        ext2_extent_handle_t extents = nullptr;
        check(ext2fs_extent_open2(filesystem, number, &inode, &extents), path);
        ext2fs_extent_free(extents);
        check(ext2fs_write_inode(filesystem, number, &inode), path);
    }
}

void Ext4Image::Handle::make_room(const Place& place,
                                  const std::string& path,
                                  const std::function<errcode_t()>& action) const {
    errcode_t code = action();
    if (code == EXT2_ET_DIR_NO_SPACE) {
        check(ext2fs_expand_dir(filesystem, place.directory), path);
        code = action();
    }
    check(code, path);
}

void Ext4Image::Handle::release(ext2_ino_t number,
                                ext2_inode& inode,
                                const std::string& path) const {
    constexpr blk64_t k_all = ~blk64_t{0};
    check(ext2fs_free_ext_attr(filesystem, number, nullptr), path);
    check(ext2fs_read_inode(filesystem, number, &inode), path);
    if (ext2fs_inode_has_valid_blocks2(filesystem, &inode) != 0) {
        check(ext2fs_punch(filesystem, number, &inode, nullptr, 0, k_all), path);
    }
    ext2fs_inode_alloc_stats2(filesystem, number, -1, 0);
}

} // namespace kiln::disk
