#include "process/tools/supermin.hpp"

namespace kiln::process {
namespace {

/// It takes 5 seconds where nothing else runs.
constexpr std::chrono::seconds k_time_limit{300};

} // namespace

Command supermin_command(const SuperminRequest& request) {
    return {.argv = {"supermin",
                     "--build",
                     "--copy-kernel",
                     "--format",
                     "ext2",
                     request.source,
                     "-o",
                     request.target},
            .environment = tool_environment(),
            .timeout = k_time_limit};
}

} // namespace kiln::process
