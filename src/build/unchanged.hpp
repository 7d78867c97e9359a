#pragma once

#include "build/context.hpp"
#include "build/layer_cache.hpp"
#include "build/outputs.hpp"
#include "report/reporter.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace kiln::build {

/// A key over all that a build can see, worked out before its first effect. Empty when there is
/// none: without a cache, with break points, or when a host hook may read what nobody knows of
/// (docs/elements.md, kiln-inputs).
std::string build_key(const BuildContext& context);

/// What the build would come to, when one of the same key has left outputs that are still in their
/// places and whose packages are current. Throws Error (code remote) when that has to be known and
/// cannot be.
std::optional<BuildResult> unchanged_result(const BuildContext& context,
                                            report::Reporter& reporter);

/// Remembers a build that has come to its end.
struct EndedBuild {
    std::vector<std::filesystem::path> names;
    /// All files, those within the names that are folders too.
    std::vector<WrittenFile> files;
    std::uint64_t disk_size = 0;
};

void remember_build(const BuildContext& context, const EndedBuild& build, const LayerCache& layers);

} // namespace kiln::build
