#pragma once

#include "element/catalog.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace kiln::cli {

/// The folders with elements in the order of the search: those of ELEMENTS_PATH, then kiln's own.
std::vector<std::filesystem::path> element_folders();

/// Whether a folder is the one of kiln's own elements.
bool is_own_folder(const std::filesystem::path& folder);

/// All elements as a build would find them. More folders come before those of ELEMENTS_PATH.
element::Catalog element_catalog(const std::vector<std::filesystem::path>& more = {});

/// The element of a name. Throws Error (code hook) with the nearest one that is known.
element::Element require_element(const element::Catalog& catalog, const std::string& name);

} // namespace kiln::cli
