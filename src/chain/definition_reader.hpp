#pragma once

#include "chain/definition.hpp"
#include "process/command.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace kiln::chain {

/// What a file is read with.
struct ReadOptions {
    /// Whose variables it may use.
    process::Environment environment{};
    /// The folder of kiln's own elements.
    std::filesystem::path own_elements{};
    /// In place of the file's output folder; absolute, or empty.
    std::filesystem::path output{};
    /// In place of the file's stores, where there are any; every image goes to all of them.
    std::vector<StoreDefinition> stores{};
    /// Images that are wanted, all when empty: secrets and published names of others are not looked
    /// at.
    std::vector<std::string> names{};
};

/// Reads a file for `kiln run` (docs/run.schema.json), or the folder of a bundle. Throws
/// DefinitionError with all mistakes.
RunDefinition read_definition(const std::string& path, const ReadOptions& options);

/// The folder that relative paths of a definition start from; absolute.
std::filesystem::path folder_of(const std::string& path);

/// Only the named images, in the order of the file. Throws util::Error (code usage) for a name that
/// is none.
void select_images(RunDefinition& run, const std::vector<std::string>& names);

} // namespace kiln::chain
