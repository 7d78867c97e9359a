#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::util {

/// Optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours.
std::size_t edit_distance(std::string_view left, std::string_view right);

/// The candidate nearest to word, if it is near enough to be what was meant.
std::optional<std::string> nearest(std::string_view word,
                                   const std::vector<std::string>& candidates);

/// "did you mean 'X'?" for the nearest candidate, else otherwise.
std::string did_you_mean(std::string_view word,
                         const std::vector<std::string>& candidates,
                         std::string otherwise = {});

} // namespace kiln::util
