#pragma once

#include "util/error.hpp"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace kiln::chain {

/// A file with mistakes; all of them are told at once.
class DefinitionError : public util::Error {
public:
    explicit DefinitionError(std::vector<util::ErrorInfo> problems);

    [[nodiscard]] const std::vector<util::ErrorInfo>& problems() const noexcept {
        return problems_;
    }

private:
    std::vector<util::ErrorInfo> problems_;
};

/// Collects the mistakes of a file while its reader goes on.
class Problems {
public:
    /// Runs a step of the reader; the util::Error that ends it is kept.
    template <typename Step>
    void attempt(Step&& step) {
        try {
            std::forward<Step>(step)();
        } catch (const DefinitionError& error) {
            for (const util::ErrorInfo& info : error.problems()) {
                add(info);
            }
        } catch (const util::Error& error) {
            add(error.info());
        }
    }

    /// One that is there already (a value that several images inherit) is told once.
    void add(util::ErrorInfo problem);

    [[nodiscard]] std::size_t count() const noexcept { return problems_.size(); }

    [[nodiscard]] bool any() const noexcept { return !problems_.empty(); }

    /// Throws DefinitionError when there is any, in the order of the file.
    void throw_if_any() const;

private:
    std::vector<util::ErrorInfo> problems_;
};

} // namespace kiln::chain
