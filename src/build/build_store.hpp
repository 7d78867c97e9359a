#pragma once

#include "build/context.hpp"
#include "cache/layer_store.hpp"

#include <optional>
#include <string>

namespace kiln::build {

/// The store of layers that a build uses; none with --no-cache. While it is there, nobody sweeps
/// the layers that this build makes. Belongs inside the sandbox: files of layers have its owners.
class BuildStore {
public:
    explicit BuildStore(const BuildContext& context);
    BuildStore(const BuildStore&) = delete;
    BuildStore& operator=(const BuildStore&) = delete;
    BuildStore(BuildStore&&) = delete;
    BuildStore& operator=(BuildStore&&) = delete;
    ~BuildStore() = default;

    [[nodiscard]] const cache::LayerStore* get() const { return store_ ? &*store_ : nullptr; }

    [[nodiscard]] const std::string& build() const noexcept { return build_; }

    /// Where the build makes its layers, for sandbox::LayerStack; empty without a store.
    [[nodiscard]] std::string prefix() const;

private:
    std::string build_;
    std::optional<cache::LayerStore> store_;
    std::optional<util::EntryLock> alive_;
};

/// The folder of the store for the caller's map of ids.
std::string store_folder(const std::filesystem::path& cache_directory);

} // namespace kiln::build
