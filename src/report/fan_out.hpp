#pragma once

#include "report/reporter.hpp"

#include <memory>
#include <vector>

namespace kiln::report {

/// Hands every event to several reporters, in the order they were added.
class FanOut : public Reporter {
  public:
    void add(std::unique_ptr<Reporter> reporter) { reporters_.push_back(std::move(reporter)); }

    void handle(const Event& event) override {
        for (const auto& reporter : reporters_) {
            reporter->handle(event);
        }
    }

    void tick() override {
        for (const auto& reporter : reporters_) {
            reporter->tick();
        }
    }

  private:
    std::vector<std::unique_ptr<Reporter>> reporters_;
};

} // namespace kiln::report
