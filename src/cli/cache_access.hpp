#pragma once

#include "cache/finished_images.hpp"
#include "cache/layer_store.hpp"

#include <functional>
#include <string>

namespace CLI { // NOLINT(readability-identifier-naming): not ours
class App;
}

namespace kiln::cli {

/// The cache as `kiln cache` sees it: inside a sandbox like that of a build, since files of layers
/// belong to the user's subordinate ids.
class CacheAccess {
public:
    /// --image-cache.
    void define(CLI::App& app);

    struct Stores {
        cache::LayerStore layers;
        cache::FinishedImages images;
    };

    /// Runs the work in a process of its own; gives its exit code. What it prints on standard
    /// output is flushed. Throws util::Interrupted after a signal.
    [[nodiscard]] int run(const std::function<int(const Stores&)>& work) const;

private:
    std::string folder_;
};

} // namespace kiln::cli
