#include "build/build_store.hpp"

namespace kiln::build {

std::string store_folder(const std::filesystem::path& cache_directory) {
    return (cache_directory / "layers" / cache::id_map_name()).string();
}

BuildStore::BuildStore(const BuildContext& context) : build_(context.paths.directory.filename()) {
    if (context.options.use_cache) {
        store_.emplace(store_folder(context.options.cache_directory));
        alive_.emplace(store_->lock_build(build_));
    }
}

std::string BuildStore::prefix() const {
    return store_ ? store_->prefix_of(build_) : "";
}

} // namespace kiln::build
