#pragma once

#include <functional>
#include <string_view>

namespace kiln::archive {

/// Takes the bytes of an archive as they come; throws Error when it cannot.
using Sink = std::function<void(std::string_view)>;

} // namespace kiln::archive
