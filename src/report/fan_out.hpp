#pragma once

#include "report/reporter.hpp"

#include <memory>
#include <vector>

namespace kiln::report {

/// Hands every event to several reporters, in the order they were added.
class FanOut : public Reporter {
public:
    void add(std::unique_ptr<Reporter> reporter) {
        reporters_.push_back(reporter.get());
        owned_.push_back(std::move(reporter));
    }

    /// The reporter stays the caller's and must outlive this.
    void add(Reporter& reporter) { reporters_.push_back(&reporter); }

    void handle(const Event& event) override {
        for (Reporter* reporter : reporters_) {
            reporter->handle(event);
        }
    }

    void tick() override {
        for (Reporter* reporter : reporters_) {
            reporter->tick();
        }
    }

private:
    std::vector<Reporter*> reporters_;
    std::vector<std::unique_ptr<Reporter>> owned_;
};

} // namespace kiln::report
