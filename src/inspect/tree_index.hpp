#pragma once

#include "base/unpack.hpp"
#include "util/digest.hpp"
#include "util/tree_entry.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace kiln::inspect {

/// What is compared of one name in a tree.
struct IndexedFile {
    util::EntryType type = util::EntryType::regular;
    unsigned mode = 0;
    std::uint64_t user = 0;
    std::uint64_t group = 0;
    util::EntryTime modified{};
    std::uint64_t size = 0;
    /// Of a link, or of a device ("c 1:3").
    std::string target{};
    /// SHA-256 of the content of a regular file, holes read as zeros.
    std::string digest{};
    std::map<std::string, std::string> attributes{};
    /// The same for all names of one file.
    std::uint64_t identity = 0;
};

struct TreeIndex {
    /// By path, without a leading slash; the root is "".
    std::map<std::string, IndexedFile> files{};
    /// Content of the few files that say what packages are installed, by path.
    std::map<std::string, std::string> databases{};
    /// Some time in the tree has a fraction of a second.
    bool has_fractions = false;
};

/// Makes an index of what a reader finds; nothing is written anywhere. The folder lost+found, which
/// mke2fs makes, does not count.
///
/// Refused with an Error: names that no tree can have, hard links to what did not come before, more
/// than the limits.
class TreeIndexer : public util::TreeSink {
public:
    /// on_wait is called before each entry and each piece of data; it may throw to stop the reader.
    explicit TreeIndexer(const base::UnpackLimits& limits, std::function<void()> on_wait = {});

    void add(const util::TreeEntry& entry) override;
    void data(std::uint64_t offset, std::string_view bytes) override;
    void finish() override;

    /// After finish().
    [[nodiscard]] TreeIndex take() { return std::move(index_); }

private:
    void count(const util::TreeEntry& entry);
    void add_link(const std::string& path, const util::TreeEntry& entry);
    void end_file();

    base::UnpackLimits limits_;
    std::function<void()> on_wait_;
    TreeIndex index_;
    std::uint64_t bytes_ = 0;
    std::uint64_t entries_ = 0;
    /// The regular file whose content comes now.
    std::string open_path_;
    IndexedFile* open_file_ = nullptr;
    std::string* open_database_ = nullptr;
    std::optional<util::Digest> digest_;
    std::uint64_t position_ = 0;
};

} // namespace kiln::inspect
