#pragma once

#include "disk/ext4_tree.hpp"
#include "disk/raw_file.hpp"

#include <ext2fs/ext2fs.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace kiln::disk {

/// libext2fs behind Ext4Tree; only the files of that class include this.
struct Ext4Tree::Handle {
    /// A run of blocks of a file that are written; in bytes.
    struct Run {
        std::uint64_t offset = 0;
        std::uint64_t place = 0;
        std::uint64_t length = 0;
    };

    struct Name {
        std::string text;
        ext2_ino_t inode = 0;
    };

    Handle(const std::string& raw_path, Region part);
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;
    Handle(Handle&&) = delete;
    Handle& operator=(Handle&&) = delete;
    ~Handle();

    void check(errcode_t code, const std::string& path) const;
    [[noreturn]] void fail(const std::string& path, const std::string& why) const;

    [[nodiscard]] ext2_inode_large inode(ext2_ino_t number, const std::string& path) const;

    /// The names in a directory, sorted, without . and ..
    [[nodiscard]] std::vector<Name> names(ext2_ino_t number, const std::string& path) const;

    [[nodiscard]] std::vector<util::ExtendedAttribute> attributes(ext2_ino_t number,
                                                                  const std::string& path) const;

    [[nodiscard]] std::string
    link_text(ext2_ino_t number, const ext2_inode_large& inode, const std::string& path) const;

    /// Where the data of a regular file is, in order; holes and unwritten blocks are left out.
    [[nodiscard]] std::vector<Run>
    runs(ext2_ino_t number, const ext2_inode_large& inode, const std::string& path) const;

    /// A small file or link whole, through libext2fs.
    [[nodiscard]] std::string
    content(ext2_ino_t number, std::uint64_t size, const std::string& path) const;

    RawFile raw;
    Region region;
    ext2_filsys filesystem = nullptr;
};

} // namespace kiln::disk
