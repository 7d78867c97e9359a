#pragma once

#include "disk/ext4_image.hpp"

#include <ext2fs/ext2fs.h>

#include <functional>

namespace kiln::disk {

/// libext2fs behind Ext4Image; only the two files of that class include this.
struct Ext4Image::Handle {
    /// Where a name is, or shall be.
    struct Place {
        ext2_ino_t directory = 0;
        std::string name;
    };

    explicit Handle(std::string path) : image(std::move(path)) {}

    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;
    Handle(Handle&&) = delete;
    Handle& operator=(Handle&&) = delete;
    ~Handle();

    /// Throws Error for a code of libext2fs other than 0.
    void check(errcode_t code, const std::string& path) const;
    [[noreturn]] void fail(const std::string& path, const std::string& why) const;

    /// Follows links, the last one too; nothing when there is no such path.
    [[nodiscard]] std::optional<ext2_ino_t> find(const std::string& path) const;

    /// The same, but a link at the end is found itself.
    [[nodiscard]] std::optional<ext2_ino_t> find_last(const std::string& path) const;
    [[nodiscard]] Place parent_of(const std::string& path) const;
    [[nodiscard]] ext2_inode inode(ext2_ino_t number, const std::string& path) const;

    [[nodiscard]] std::string
    read(ext2_ino_t number, std::uint64_t size, const std::string& path) const;
    void write(ext2_ino_t number, const std::string& content, const std::string& path) const;

    /// Writes an empty inode of a new file.
    void make_inode(ext2_ino_t number, std::uint16_t type, const std::string& path) const;

    /// Runs an action that adds to a directory; makes that larger and tries again when it is full.
    void make_room(const Place& place,
                   const std::string& path,
                   const std::function<errcode_t()>& action) const;

    /// Gives back the blocks and the inode of a file without links.
    void release(ext2_ino_t number, ext2_inode& inode, const std::string& path) const;

    std::string image;
    ext2_filsys filesystem = nullptr;
};

} // namespace kiln::disk
