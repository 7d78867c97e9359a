#pragma once

#include <sys/stat.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>

namespace kiln::element {

enum class HooksEntryKind { regular, link, directory, other };

/// One name of the hooks tree, as it counts in a key: no times, no owners.
struct HooksEntry {
    HooksEntryKind kind = HooksEntryKind::other;
    /// The lower twelve bits; 0 for links, which have none.
    unsigned mode = 0;
    /// Hexadecimal SHA-256 of a regular file's content; a link's text; else empty.
    std::string digest{};
    /// The content of a regular file that is text of at most k_longest_text bytes, else null.
    std::shared_ptr<const std::string> text{};

    /// "file 755 9f86...", "link ../b", "directory 755": one line for a manifest.
    [[nodiscard]] std::string describe() const;
};

inline constexpr std::size_t k_longest_text = 1024UL * 1024;

/// The merged hooks tree as it is on disk at one moment: host hooks may have added files. Ways
/// inside begin without a slash ("install.d/50-nginx"). Links are not followed.
class HooksSnapshot {
public:
    /// Reads the tree. Throws Error naming what cannot be read.
    explicit HooksSnapshot(std::filesystem::path root);

    /// Reads again what has another inode, size, mode, mtime or ctime than before, or that changed
    /// so shortly before it was read that the times cannot tell.
    void refresh();

    [[nodiscard]] const std::filesystem::path& root() const { return root_; }

    [[nodiscard]] const std::map<std::string, HooksEntry>& entries() const { return entries_; }

    /// Null when there is none.
    [[nodiscard]] const HooksEntry* find(const std::string& path) const;

private:
    struct Known {
        struct stat status {};

        bool settled = false;
    };

    std::filesystem::path root_;
    std::map<std::string, HooksEntry> entries_{};
    std::map<std::string, Known> known_{};
};

} // namespace kiln::element
