#pragma once

#include "disk/ext4_folder.hpp"
#include "disk/raw_file.hpp"
#include "disk/source_entry.hpp"

#include <ext2fs/ext2fs.h>
#include <sys/stat.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace kiln::disk {

/// The filesystem has too few blocks or inodes; nothing can be said of how many are missing.
struct OutOfRoom {};

/// An ext4 filesystem that mke2fs has just made and that gets its content (libext2fs). Calls throw
/// Error with the path of the file they are for, or OutOfRoom.
class NewExt4 {
public:
    /// offset is in bytes from the start of the file.
    NewExt4(const std::string& raw_path, std::uint64_t offset, std::optional<std::int64_t> epoch);
    NewExt4(const NewExt4&) = delete;
    NewExt4& operator=(const NewExt4&) = delete;
    NewExt4(NewExt4&&) = delete;
    NewExt4& operator=(NewExt4&&) = delete;
    /// Closes; what was written stays, but errors are lost.
    ~NewExt4();

    /// Whether it has the features that the calls below count on, and no others.
    [[nodiscard]] bool is_plain() const;

    [[nodiscard]] std::uint64_t block_size() const { return filesystem_->blocksize; }

    /// Owner, mode and times of a file; one link, no blocks. With an epoch, that is all times but
    /// that of the last modification, and the latest for that.
    [[nodiscard]] ext2_inode_large inode_of(const struct stat& status) const;

    ext2_ino_t allocate(ext2_ino_t folder, mode_t mode, const std::string& path);

    /// Told of the blocks that a part of a file got, in order: first block in the file, first block
    /// of the filesystem, how many.
    using Placed =
        std::function<void(std::uint64_t logical, std::uint64_t physical, std::uint64_t)>;

    struct File {
        ext2_ino_t number = 0;
        ext2_inode_large& inode;
        const std::string& path;
    };

    /// parts are in blocks and do not touch each other.
    void give_blocks(const File& file, const Parts& parts, const Placed& placed);

    void write_inode(const File& file);

    /// Blocks and inode of a new folder.
    void write_folder(const File& file, const Ext4Folder& folder);

    /// For a folder that mke2fs made: adds names, and takes owner, mode and times of the inode.
    void add_to_folder(const File& file, const Ext4Folder& folder);

    /// The inode of a name in the root folder; 0 when there is none.
    [[nodiscard]] ext2_ino_t find_in_root(const std::string& name);

    void add_link(ext2_ino_t number, const std::string& path);

    /// As listxattr(2) and getxattr(2) give them, by name. The inode must have been written.
    void set_attributes(ext2_ino_t number, const Attributes& attributes, const std::string& path);

    void close();

private:
    void check(errcode_t code, const std::string& path) const;
    /// Some free blocks, for a file that may have as many as that.
    ext2fs_extent take_blocks(const File& file, std::uint64_t most);

    std::string raw_path_;
    std::optional<std::int64_t> epoch_;
    ext2_filsys filesystem_ = nullptr;
    /// Where the search for free blocks goes on.
    std::uint64_t next_block_ = 0;
};

} // namespace kiln::disk
