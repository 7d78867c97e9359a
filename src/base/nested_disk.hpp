#pragma once

#include "base/sparse_file.hpp"
#include "util/tree_entry.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace kiln::base {

/// Stands before the writer of a tar's tree. A tar whose one file is a disk image (name.raw at the
/// top, as Debian publishes them) becomes that image in a sparse file; others pass through.
class NestedDisk : public util::TreeSink {
public:
    /// disk: where the image shall lie.
    NestedDisk(util::TreeSink& tree, std::string disk, std::uint64_t most_bytes);

    void add(const util::TreeEntry& entry) override;
    void data(std::uint64_t offset, std::string_view bytes) override;
    void finish() override;

    /// Whether the tar was a disk image.
    [[nodiscard]] bool found() const noexcept { return disk_.has_value(); }

private:
    util::TreeSink& tree_;
    std::string path_;
    std::uint64_t most_bytes_;
    bool passed_ = false;
    std::optional<SparseFile> disk_;
};

} // namespace kiln::base
