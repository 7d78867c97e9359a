#pragma once

#include "report/reporter.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace kiln::report {

/// Collects how long every stage and hook took.
class Timings : public Reporter {
public:
    struct Row {
        std::string stage;
        std::string hook;
        std::chrono::milliseconds elapsed{};
    };

    void handle(const Event& event) override;

    [[nodiscard]] const std::vector<Row>& rows() const noexcept { return rows_; }

    /// A table of all stages, and below each its hooks of at least a twentieth of the total.
    [[nodiscard]] std::vector<std::string> table() const;

private:
    std::vector<Row> rows_;
};

} // namespace kiln::report
