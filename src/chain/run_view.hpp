#pragma once

#include "chain/outcome.hpp"
#include "report/event.hpp"

#include <string>

namespace kiln::chain {

/// Where a run tells of its images.
class RunView {
public:
    RunView() = default;
    RunView(const RunView&) = delete;
    RunView& operator=(const RunView&) = delete;
    RunView(RunView&&) = delete;
    RunView& operator=(RunView&&) = delete;
    virtual ~RunView() = default;

    virtual void started(const std::string& image) = 0;
    virtual void
    event(const std::string& image, const std::string& stage, const report::Event& event) = 0;
    virtual void ended(const ImageOutcome& outcome) = 0;

    /// About ten times a second.
    virtual void tick() {}
};

} // namespace kiln::chain
