#pragma once

#include "inspect/image_contents.hpp"
#include "inspect/layer_origin.hpp"
#include "inspect/packages.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kiln::inspect {

/// What is compared.
struct Parts {
    bool layout = true;
    bool packages = true;
    bool files = true;
    Times times = Times::compared;
};

/// All that differs between two images.
struct Comparison {
    /// They hold the same bytes, as files or as disks: nothing else was looked at.
    bool same_bytes = false;
    std::vector<LayoutDifference> layout{};
    std::vector<PackageDifference> packages{};
    std::vector<FileDifference> files{};
    /// Where the disks differ when all that is compared is the same.
    std::optional<std::uint64_t> first_byte{};
    /// What could not be compared, and why.
    std::vector<std::string> notes{};

    [[nodiscard]] bool differs() const;
};

/// The pure part: contents that were read.
Comparison compare_contents(const ImageContents& a, const ImageContents& b, const Parts& parts);

/// What is to be compared.
struct Pair {
    std::string a;
    std::string b;
};

/// Reads two images and compares them. Throws Error for what cannot be read.
class Comparer {
public:
    Comparer(ReadOptions options, process::Runner& runner, report::Reporter& reporter);

    Comparison run(const Pair& images, const Parts& parts);

private:
    [[nodiscard]] bool same_files(const Pair& images) const;

    ReadOptions options_;
    process::Runner& runner_;
    report::Reporter& reporter_;
};

/// Fills in what wrote each differing path; an origin may be missing.
void tell_writers(Comparison& comparison, LayerOrigin* a, LayerOrigin* b);

} // namespace kiln::inspect
