#pragma once

#include "disk/placement.hpp"
#include "util/root_dir.hpp"

#include <string>
#include <vector>

namespace kiln::disk {

/// What is in a folder of a tree, without the content of the folders in except (absolute within the
/// tree). Files with several links count once, holes do not count.
ContentUsage measure_usage(const util::RootDir& tree,
                           const std::string& folder,
                           const std::vector<std::string>& except);

/// The same for every mounted filesystem of a layout, each without those mounted below it.
Contents measure_contents(const Layout& layout, const util::RootDir& tree);

/// Mount points of other filesystems of the layout below the mount point of this one.
std::vector<std::string> mount_points_below(const Layout& layout, const Filesystem& filesystem);

} // namespace kiln::disk
