#pragma once

#include "util/file_lock.hpp"
#include "util/temp_dir.hpp"

#include <string>

namespace kiln::check {

/// A folder of its own for one boot, removed at its end. What killed runs of this user left in the
/// same place is removed first; a lock tells them from runs that are alive.
class Scratch {
public:
    /// Throws Error when parent cannot be written.
    explicit Scratch(const std::string& parent);

    [[nodiscard]] std::string path() const { return folder_.path(); }

private:
    explicit Scratch(util::TempDir folder);

    util::TempDir folder_;
    util::FileLock lock_;
};

/// Removes the folders of dead runs; gives their number.
int sweep_scratch(const std::string& parent);

} // namespace kiln::check
