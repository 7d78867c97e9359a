#pragma once

#include "chain/draft.hpp"
#include "element/catalog.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace kiln::chain {

/// What a complete image is checked against.
struct CheckContext {
    const std::vector<StoreDefinition>& stores;
    std::filesystem::path own_elements;
    Problems& problems;
    /// Whether secrets have to be there: not those of images that are left out.
    bool is_wanted = true;
};

/// Looks up what the words of a complete definition name: elements, formats, stores, the variables
/// and files of secrets.
void check_image(const Draft& draft, const ReadContext& reading, const CheckContext& context);

} // namespace kiln::chain
