#pragma once

#include "inspect/comparison.hpp"

#include <cstddef>
#include <string>

namespace kiln::inspect {

struct TextOptions {
    /// Lines of files; 0: all.
    std::size_t limit = 50;
};

/// For people: groups with their counts, then notes. Names and values out of the images are made
/// safe to show (visible_text).
std::string
comparison_text(const Pair& images, const Comparison& found, const TextOptions& options);

/// For programs, as kiln-diff(1) has it: one JSON object, with a newline at its end.
std::string comparison_json(const Pair& images, const Comparison& found);

} // namespace kiln::inspect
