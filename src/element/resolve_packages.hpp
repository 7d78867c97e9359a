#pragma once

#include "element/catalog.hpp"
#include "element/phase.hpp"
#include "process/command.hpp"

#include <map>
#include <string>
#include <vector>

namespace kiln::element {

/// Names of packages, sorted, each once.
struct PackageLists {
    std::vector<std::string> install{};
    std::vector<std::string> uninstall{};
};

struct ResolvedPackages {
    /// Only phases in which there is something to do.
    std::map<Phase, PackageLists> phases{};
    std::vector<std::string> warnings{};
};

/// What the package-installs files (.json and .yaml, both count) of all elements come to in an
/// environment, each name translated by the pkg-map of its element. A name that the map does not
/// have stays. When one element installs a package for good, no other element removes it.
///
/// Throws Error, code usage for a file that cannot be parsed, code hook for a variable that is not
/// set (DISTRO_NAME where there is a pkg-map).
ResolvedPackages resolve_packages(const std::vector<Element>& elements,
                                  const process::Environment& environment);

/// Warnings for package-installs files that are not used, since an earlier folder of elements_path
/// (colon separated) has another element of that name: diskimage-builder merges them all, against
/// its own documentation.
std::vector<std::string> hidden_package_files(const std::vector<Element>& elements,
                                              const std::string& elements_path);

/// Reads all of these files without resolving anything, so that one that cannot be parsed is told
/// of before a build begins. Throws Error (code usage).
void check_package_files(const std::vector<Element>& elements);

} // namespace kiln::element
