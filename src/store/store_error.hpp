#pragma once

#include "util/error.hpp"

namespace kiln::store {

/// Why a store did not do what it was asked for.
enum class Problem {
    /// No such image.
    absent,
    /// This user may not.
    forbidden,
    /// The image's state does not allow it.
    conflict,
    /// A quota, a limit of size, or a full disk.
    quota,
    /// The request was wrong.
    invalid,
    /// Who this is could not be shown.
    unauthorized,
    /// It could not be reached, or failed on its side.
    unavailable,
    /// Data that came is not what was sent.
    damaged
};

/// An Error (code remote, unless told otherwise) that callers may react to.
class StoreError : public util::Error {
public:
    StoreError(Problem problem, util::ErrorInfo info)
        : util::Error(std::move(info)), problem_(problem) {}

    [[nodiscard]] Problem problem() const noexcept { return problem_; }

private:
    Problem problem_;
};

} // namespace kiln::store
