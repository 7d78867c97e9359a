#pragma once

#include "inspect/layer_origin.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace kiln::cli {

/// The layers that an image was made of, the lowest first, by the SHA-256 of its file; nothing when
/// the cache does not know the image. A layer that was not kept has a folder that does not exist.
std::optional<std::vector<inspect::Layer>>
recorded_layers(const std::filesystem::path& cache_folder, const std::string& image_digest);

} // namespace kiln::cli
