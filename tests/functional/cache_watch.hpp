#pragma once

#include "workspace.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace kiln::tests {

/// What `--explain` said of one hook or image.
struct LayerAnswer {
    /// "install.d/50-nginx".
    std::string title;
    bool hit = false;
    std::string reason{};
};

/// All answers in an output, in order.
std::vector<LayerAnswer> answers_in(const std::string& text);

/// The titles of those that had to be made.
std::vector<std::string> missed_in(const std::string& text);

/// Where a build keeps its cache, and where it runs.
struct CachePlace {
    /// In the workspace.
    std::string cache = "cache/kiln";
    std::string output = "out";
};

/// "kiln build -n -t raw -o image --explain ARGUMENT..." in a place. The words are the same for
/// every place: hooks can see them.
Program cached_build(const Workspace& space,
                     const std::vector<std::string>& words,
                     const CachePlace& place);

/// Runs it to the end.
Finished build_in(const Workspace& space,
                  const std::vector<std::string>& words,
                  const CachePlace& place = {});

/// The same, and it must succeed.
Finished must_build_in(const Workspace& space,
                       const std::vector<std::string>& words,
                       const CachePlace& place = {});

/// Builds with an empty cache, in folders `<name>` and `<name>-cache` of the workspace; the cache
/// goes. Gives the path of the image.
std::string build_cold(Workspace& space,
                       const std::vector<std::string>& words,
                       const std::string& name = "cold");

/// Two images must have the same bytes; a message names the files that differ.
void expect_same_image(const std::string& image, const std::string& expected);

/// Names of the stored layers by the titles of their hooks.
std::multimap<std::string, std::string> stored_layers(const Workspace& space);

/// The folder of the stored layers of a workspace: it must have one.
std::filesystem::path layer_folder(const Workspace& space);

/// What lies beside the stored layers.
std::vector<std::string> unpublished(const Workspace& space);

/// `kiln cache verify` finds nothing.
void expect_clean_cache(const Workspace& space);

} // namespace kiln::tests
