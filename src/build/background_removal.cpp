#include "build/background_removal.hpp"

#include "process/posix_runner.hpp"
#include "util/error.hpp"

#include <signal.h>
#include <unistd.h>

namespace kiln::build {

BackgroundRemoval::BackgroundRemoval(const std::function<void()>& remove)
    : child_(process::fork_into_namespaces(0)) {
    if (child_ == 0) {
        try {
            remove();
        } catch (const std::exception&) { // NOLINT(bugprone-empty-catch): the sweep does the rest
        }
        ::_exit(0);
    }
}

BackgroundRemoval::~BackgroundRemoval() {
    ::kill(child_, SIGKILL);
    try {
        process::wait_for(child_);
    } catch (const util::Error&) { // NOLINT(bugprone-empty-catch): it has gone already
    }
}

} // namespace kiln::build
