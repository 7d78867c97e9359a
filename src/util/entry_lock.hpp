#pragma once

#include "util/fd.hpp"

#include <functional>
#include <optional>
#include <string>

namespace kiln::util {

/// A lock on one entry of a cache: one may change it, or many may use it. It ends with the process
/// that holds it. The lock's file may be removed by who holds it exclusively.
class EntryLock {
public:
    enum class Mode { shared, exclusive };

    /// Waits; on_wait is called about ten times a second, and what it throws ends the wait.
    static EntryLock
    take(const std::string& path, Mode mode, const std::function<void()>& on_wait = {});

    /// Nothing when another holds it in a way that forbids this.
    static std::optional<EntryLock> try_take(const std::string& path, Mode mode);

private:
    explicit EntryLock(Fd fd) : fd_(std::move(fd)) {}

    Fd fd_;
};

} // namespace kiln::util
