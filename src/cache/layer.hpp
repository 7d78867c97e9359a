#pragma once

#include "cache/package_state.hpp"
#include "cache/tree_digest.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace kiln::cache {

/// A folder of the host that a hook left bound below the tree; hooks after it expect it there.
struct BoundFolder {
    std::string path;
    std::string source;
};

/// What a stored layer is: the content of its manifest.
struct Layer {
    /// Its folder in the store.
    std::string name;
    /// Over all inputs but the packages that were used: those are in `state`.
    std::string base_key;
    /// "install.d/50-nginx", and the element that it comes from.
    std::string title;
    std::string element;
    PackageState state{};
    /// Whether the hook changed nothing: then there is no layer to stack.
    bool empty = false;
    TreeDigest digest{};
    /// stamp_tree when the digest was last known to be right, and the boot id of the machine then.
    std::string stamp;
    std::string boot;
    /// When the first layer of its tree was begun (times from then on are left out of the identity)
    /// and when this one was there, in seconds since 1970; how long the hook took, in milliseconds.
    std::int64_t began = 0;
    std::int64_t created = 0;
    std::int64_t took = 0;
    std::vector<BoundFolder> mounts{};
    /// How many hooks came before it in its build.
    std::int64_t depth = 0;
};

/// What stands for a tree in the keys of the layers upon it: all that was written, in order, by
/// whatever hooks. Hooks that changed nothing leave no trace in it.
std::string next_chain(const std::string& chain, const Layer& layer);

/// JSON; layer_from_json throws util::Error on what is none.
std::string to_json(const Layer& layer);
Layer layer_from_json(const std::string& text);

} // namespace kiln::cache
