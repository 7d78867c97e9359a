#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace kiln::disk {

/// An ext2, ext3 or ext4 filesystem inside a raw image, used without a mount (libext2fs). A journal
/// that was not replayed makes open() throw when write access is asked for. Paths are absolute;
/// links are followed inside the filesystem, except at the end of the path of read_link, remove and
/// the calls that make things. Everything throws Error (code failed) naming the image and the path.
class Ext4Image {
public:
    enum class Access { read, write };

    struct Entry {
        std::string name;
        bool directory = false;
    };

    /// Permission bits are the lower twelve of mode.
    struct Ownership {
        unsigned user = 0;
        unsigned group = 0;
        unsigned mode = 0755;
    };

    /// offset is in bytes from the start of the file.
    static Ext4Image open(const std::string& raw_path, std::uint64_t offset, Access access);

    Ext4Image(Ext4Image&&) noexcept;
    Ext4Image& operator=(Ext4Image&&) noexcept;
    Ext4Image(const Ext4Image&) = delete;
    Ext4Image& operator=(const Ext4Image&) = delete;
    /// Closes; what was written stays, but errors are lost. Call close() after writing.
    ~Ext4Image();

    /// Whether a path leads to something.
    [[nodiscard]] bool exists(const std::string& path) const;

    /// Content of a regular file; nothing when it does not exist.
    [[nodiscard]] std::optional<std::string> read_file(const std::string& path) const;

    /// Target of a symbolic link; nothing when the path is no link.
    [[nodiscard]] std::optional<std::string> read_link(const std::string& path) const;

    /// Names in a directory, sorted, without . and ..; none when it does not exist.
    [[nodiscard]] std::vector<Entry> list(const std::string& path) const;

    /// Makes or replaces a regular file of root; its directory must exist.
    void write_file(const std::string& path, const std::string& content, unsigned mode);

    /// Makes or replaces a symbolic link.
    void make_symlink(const std::string& path, const std::string& target);

    /// Makes a directory and those above it where missing.
    void make_directories(const std::string& path, unsigned mode);

    /// Removes a file or a link; nothing happens when it is absent.
    void remove(const std::string& path);

    /// Gives an existing file or directory another owner and mode.
    void set_owner(const std::string& path, const Ownership& owner);

    /// Sets change, creation and access time of every inode to epoch, and modification times that
    /// are newer to epoch: what differs between two builds of the same content.
    void set_times(std::int64_t epoch);

    [[nodiscard]] std::string label() const;
    [[nodiscard]] std::string uuid() const;

    /// Writes everything and closes; throws Error. The object is spent afterwards.
    void close();

private:
    struct Handle;

    explicit Ext4Image(std::unique_ptr<Handle> handle);

    std::unique_ptr<Handle> handle_;
};

} // namespace kiln::disk
