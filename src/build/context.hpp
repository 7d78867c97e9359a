#pragma once

#include "build/installation.hpp"
#include "build/options.hpp"
#include "element/catalog.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace kiln::build {

/// Every path of a build, named once. Those below `inside` are constant: hooks see them.
struct Paths {
    /// Outside: this build's folder, removed at its end.
    std::filesystem::path directory;
    std::filesystem::path logs;

    /// The same folder inside the sandbox.
    static constexpr const char* inside = "/kiln/build";
    static constexpr const char* mount = "/kiln/build/mnt";
    static constexpr const char* hooks = "/kiln/build/hooks";
    static constexpr const char* layers = "/kiln/build/layers";
    static constexpr const char* image = "/kiln/build/image";
    static constexpr const char* raw = "/kiln/build/image/image0.raw";
    static constexpr const char* empty = "/kiln/build/empty";
    /// Programs that host hooks find before those of the host (sudo).
    static constexpr const char* host_shims = "/kiln/build/shims";
    static constexpr const char* resolv_conf = "/kiln/build/resolv.conf";
    /// Names of temporary outputs outside the folder, one a line, for the sweep.
    static constexpr const char* journal = "/kiln/build/outputs";
};

/// All that the stages of a build need to know; set up before the sandbox is entered.
struct BuildContext {
    BuildOptions options;
    Installation installation;
    std::vector<element::Element> elements;
    Paths paths;
};

} // namespace kiln::build
