#pragma once

#include "report/reporter.hpp"

namespace kiln::report {

/// One JSON object a line to a descriptor that the caller owns.
class JsonReporter : public Reporter {
public:
    explicit JsonReporter(int fd) : fd_(fd) {}

    void handle(const Event& event) override;

private:
    int fd_;
};

} // namespace kiln::report
