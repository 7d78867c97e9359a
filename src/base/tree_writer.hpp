#pragma once

#include "base/sparse_file.hpp"
#include "base/unpack.hpp"
#include "util/fd.hpp"
#include "util/root_dir.hpp"
#include "util/tree_entry.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace kiln::base {

/// The path with "." and empty parts left out; empty for the root itself. Throws Error for an
/// absolute path, for "..", and for what no filesystem can name.
std::string clean_entry_path(const std::string& path);

/// Whether an extended attribute belongs in a base tree: user.*, file capabilities and POSIX ACLs.
/// Labels of SELinux and trusted.* belong to the system that made the image, and user.overlay.*
/// would speak to the overlays of the build.
bool keeps_attribute(const std::string& name);

/// Writes the entries of a foreign tree below a folder, and nowhere else: every path is opened
/// without following any link. Blocks of zeros become holes.
///
/// Refused with an Error: "..", absolute paths, a way through a link, a hard link to what the tree
/// did not bring, device nodes (below /dev they are left out: a build has a /dev of its own), more
/// than the limits, owners that have no place in the id map, a disk that would be full. Left out:
/// sockets, and /lost+found.
class TreeWriter : public util::TreeSink {
public:
    TreeWriter(const std::string& target, const UnpackLimits& limits);

    void add(const util::TreeEntry& entry) override;
    void data(std::uint64_t offset, std::string_view bytes) override;
    void finish() override;

    [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }

    [[nodiscard]] std::uint64_t entries() const noexcept { return entries_; }

private:
    struct Place {
        int folder = -1;
        std::string name;
    };

    void count(const util::TreeEntry& entry);
    void make(const util::TreeEntry& entry, const Place& place);
    void make_folder(const util::TreeEntry& entry, const Place& place);
    void make_regular(const util::TreeEntry& entry, const Place& place);
    void make_symlink(const util::TreeEntry& entry, const Place& place) const;
    void make_hard_link(const util::TreeEntry& entry, const Place& place) const;
    void make_fifo(const util::TreeEntry& entry, const Place& place) const;
    void end_file();

    /// The folder above path, made where missing; kept open for the next entry.
    Place place_of(const std::string& path);
    void make_parents(const std::string& folder);

    util::RootDir root_;
    UnpackLimits limits_;
    std::uint64_t bytes_ = 0;
    std::uint64_t entries_ = 0;
    std::string parent_path_;
    util::Fd parent_;
    util::TreeEntry open_entry_;
    std::optional<SparseFile> open_file_;
    /// Folders get owner, mode and times when nothing more is put in them.
    std::map<std::string, util::TreeEntry> folders_;
};

} // namespace kiln::base
