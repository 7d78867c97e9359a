#pragma once

#include "report/reporter.hpp"

#include <string>
#include <vector>

namespace kiln::tests {

/// Keeps all events.
class MemoryReporter : public report::Reporter {
public:
    void handle(const report::Event& event) override { events.push_back(event); }

    /// The texts of all events of one kind.
    [[nodiscard]] std::vector<std::string> texts(report::EventKind kind) const {
        std::vector<std::string> found;
        for (const report::Event& event : events) {
            if (event.kind == kind) {
                found.push_back(event.text);
            }
        }
        return found;
    }

    std::vector<report::Event> events{};
};

} // namespace kiln::tests
