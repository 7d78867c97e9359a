#pragma once

#include <sys/types.h>

#include <functional>

namespace kiln::build {

/// Removes things in a child process while something else goes on; ended by the destructor, done
/// or not.
class BackgroundRemoval {
public:
    explicit BackgroundRemoval(const std::function<void()>& remove);
    BackgroundRemoval(const BackgroundRemoval&) = delete;
    BackgroundRemoval& operator=(const BackgroundRemoval&) = delete;
    BackgroundRemoval(BackgroundRemoval&&) = delete;
    BackgroundRemoval& operator=(BackgroundRemoval&&) = delete;
    ~BackgroundRemoval();

private:
    pid_t child_;
};

} // namespace kiln::build
