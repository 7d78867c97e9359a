#include "cli/layer_record.hpp"

#include "cache/finished_images.hpp"
#include "cache/layer_store.hpp"

#include <system_error>

namespace kiln::cli {
namespace {

namespace fs = std::filesystem;

bool is_folder(const fs::path& path) {
    std::error_code ignored;
    return fs::is_directory(path, ignored);
}

} // namespace

std::optional<std::vector<inspect::Layer>> recorded_layers(const fs::path& cache_folder,
                                                           const std::string& image_digest) {
    // The stores would make what is not there.
    if (!is_folder(cache_folder / "images")) {
        return std::nullopt;
    }
    const cache::FinishedImages images((cache_folder / "images").string());
    const std::optional<cache::ImageRecord> record = images.find_by_file(image_digest);
    if (!record || !is_folder(record->layer_store)) {
        return std::nullopt;
    }
    const cache::LayerStore store(record->layer_store);
    std::vector<inspect::Layer> layers;
    for (const cache::ImageLayer& layer : record->layers) {
        layers.push_back({.title = layer.title + " (element " + layer.element + ")",
                          .folder = layer.layer.empty() ? "" : store.root_of(layer.layer)});
    }
    return layers;
}

} // namespace kiln::cli
