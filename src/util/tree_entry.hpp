#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::util {

enum class EntryType { directory, regular, symlink, hard_link, fifo, socket, device };

struct ExtendedAttribute {
    std::string name;
    /// As setxattr(2) takes it.
    std::string value;
};

/// Seconds since 1970 and nanoseconds.
struct EntryTime {
    std::int64_t seconds = 0;
    std::int64_t nanoseconds = 0;
};

/// One name in a tree, as an archive or a filesystem that is not trusted tells it.
struct TreeEntry {
    /// Relative to the root of the tree; "." is the root itself.
    std::string path;
    EntryType type = EntryType::regular;
    /// The text of a symbolic link; of a hard link the path of the file that was there before; of a
    /// device its kind and numbers ("c 1:3").
    std::string target{};
    /// The lower twelve bits.
    unsigned mode = 0;
    std::uint64_t user = 0;
    std::uint64_t group = 0;
    EntryTime modified{};
    /// Of a regular file.
    std::uint64_t size = 0;
    std::vector<ExtendedAttribute> attributes{};
};

/// Where a reader of archives or filesystems puts what it finds. The sink does not trust the
/// reader: it is the one place that checks names.
class TreeSink {
public:
    TreeSink() = default;
    TreeSink(const TreeSink&) = delete;
    TreeSink& operator=(const TreeSink&) = delete;
    TreeSink(TreeSink&&) = delete;
    TreeSink& operator=(TreeSink&&) = delete;
    virtual ~TreeSink() = default;

    /// Begins an entry and ends the one before. Throws Error for what is refused.
    virtual void add(const TreeEntry& entry) = 0;

    /// Bytes of the regular file that was added last. What no call covers is a hole.
    virtual void data(std::uint64_t offset, std::string_view bytes) = 0;

    /// The good end: there is nothing more.
    virtual void finish() = 0;
};

} // namespace kiln::util
