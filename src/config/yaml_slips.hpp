#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace kiln::config {

/// A line that is no YAML, but nearly.
struct Slip {
    /// From 0.
    std::size_t line = 0;
    std::size_t column = 0;
    /// What is wrong there.
    std::string what;
    /// The line as it was probably meant; empty where that is not known.
    std::string meant;
};

/// "key :value", "key:value", or a tab before a key.
std::optional<Slip> slip_in(const std::string& text, std::size_t line);

/// The slip that explains why a reader gave up at a line: there, or in one of the few before it.
std::optional<Slip> slip_before(const std::vector<std::string>& lines, std::size_t line);

} // namespace kiln::config
