#pragma once

#include "disk/placement.hpp"
#include "util/tree_entry.hpp"

#include <memory>
#include <string>

namespace kiln::disk {

/// A foreign ext2, ext3 or ext4 filesystem in a raw image, read in user space (libext2fs) without
/// trusting it: sizes, block numbers, names and links that cannot be are an Error, so are wrong
/// checksums, directories that contain themselves, and files that hold more together than the
/// filesystem has room for. A damaged one is never mended.
class Ext4Tree {
public:
    /// Throws Error for what is no such filesystem, or one with features that are not known.
    Ext4Tree(const std::string& raw_path, Region region);
    Ext4Tree(Ext4Tree&&) noexcept;
    Ext4Tree& operator=(Ext4Tree&&) noexcept;
    Ext4Tree(const Ext4Tree&) = delete;
    Ext4Tree& operator=(const Ext4Tree&) = delete;
    ~Ext4Tree();

    /// Whether the journal holds changes that a reader here does not see.
    [[nodiscard]] bool needs_recovery() const;

    [[nodiscard]] std::string label() const;

    /// Whether a path leads to something, links followed inside.
    [[nodiscard]] bool exists(const std::string& path) const;

    /// Sends the whole tree, parents first, and ends with finish().
    void read(util::TreeSink& sink) const;

    /// libext2fs; for the files of this class.
    struct Handle;

private:
    std::unique_ptr<Handle> handle_;
};

} // namespace kiln::disk
