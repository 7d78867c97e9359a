#pragma once

#include "inspect/tree_index.hpp"

#include <optional>
#include <string>
#include <vector>

namespace kiln::inspect {

/// A property that is not the same in A and in B; nothing where it is absent.
struct Change {
    std::string property;
    std::optional<std::string> a{};
    std::optional<std::string> b{};
};

enum class Presence { added, removed, changed };

/// "added", "removed", "changed".
std::string presence_name(Presence presence);

struct FileDifference {
    /// Without a leading slash; the root is "".
    std::string path;
    Presence presence = Presence::changed;
    /// In B; of what was removed, in A.
    util::EntryType type = util::EntryType::regular;
    /// Properties "type", "content" (SHA-256), "size", "mode" (octal), "owner" ("user:group"),
    /// "time", "target" (of links and devices), "links" (the other names of the file), and
    /// "xattr NAME" (the bytes of its value). Empty for what was added or removed.
    std::vector<Change> changes{};
    /// What wrote it, where that was asked for and is known.
    std::optional<std::string> writer_a{};
    std::optional<std::string> writer_b{};
};

enum class Times { compared, ignored };

/// What differs between two trees, in the order of the paths. When one of them knows whole seconds
/// only, no time counts beyond them. A root without an entry (tars of containers) is like any
/// other.
std::vector<FileDifference> diff_files(const TreeIndex& a, const TreeIndex& b, Times times);

/// "file", "folder", "link", "FIFO", "socket", "device".
std::string type_name(util::EntryType type);

} // namespace kiln::inspect
