#pragma once

#include <functional>
#include <string>

namespace kiln::base {

enum class CopyResult { copied, unchanged };

/// Makes target a copy of a base image, whole or not at all: a reflink where the filesystem can.
/// A note beside it (".NAME.kiln-copy") says which image it is and what the copy looked like; while
/// both are so, nothing is copied. Several at once wait for one another; on_wait is called about
/// ten times a second, and what it throws ends the wait. Throws util::Error.
CopyResult copy_image(const std::string& image,
                      const std::string& target,
                      const std::function<void()>& on_wait = {});

} // namespace kiln::base
