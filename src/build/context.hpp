#pragma once

#include "build/installation.hpp"
#include "build/options.hpp"
#include "element/catalog.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace kiln::build {

/// Every path of a build, named once. Those below `k_inside` are constant: hooks see them.
struct Paths {
    /// Outside: this build's folder, removed at its end.
    std::filesystem::path directory;
    std::filesystem::path logs;

    /// The same folder inside the sandbox.
    static constexpr const char* k_inside = "/kiln/build";
    static constexpr const char* k_mount = "/kiln/build/mnt";
    static constexpr const char* k_hooks = "/kiln/build/hooks";
    /// A link to each element of the build, under its name: what hooks know as ELEMENTS_PATH.
    static constexpr const char* k_elements = "/kiln/build/elements";
    static constexpr const char* k_layers = "/kiln/build/layers";
    static constexpr const char* k_image = "/kiln/build/image";
    static constexpr const char* k_raw = "/kiln/build/image/image0.raw";
    /// Where host hooks start, and leave files for the folder of the image.
    static constexpr const char* k_output = "/kiln/build/output";
    /// Programs that host hooks find before those of the host (sudo).
    static constexpr const char* k_host_shims = "/kiln/build/shims";
    static constexpr const char* k_resolv_conf = "/kiln/build/resolv.conf";
    /// Where mounts that hooks leave wait for the next hook.
    static constexpr const char* k_left_mounts = "/kiln/build/mounts";
    /// Names of temporary outputs outside the folder, one a line, for the sweep.
    static constexpr const char* k_journal = "/kiln/build/outputs";
    /// Where a tool that a host hook calls leaves its error.
    static constexpr const char* k_tool_error = "/kiln/build/tool-error";
    /// Where such a tool notes what it took from a repository, a cache::PackageState a line.
    static constexpr const char* k_used_packages = "/kiln/build/used-packages";
};

/// All that the stages of a build need to know; set up before the sandbox is entered.
struct BuildContext {
    BuildOptions options;
    Installation installation;
    std::vector<element::Element> elements;
    Paths paths;
    /// The home of whoever builds, as element builder-home finds it; empty when it is not known.
    std::string builder_home{};
    /// build_key(); empty: none.
    std::string build_key{};
};

} // namespace kiln::build
