#pragma once

#include "report/fan_out.hpp"

#include <string>

namespace CLI { // NOLINT(readability-identifier-naming): not ours
class App;
}

namespace kiln::cli {

/// The options that say how a command tells what it does: --json, --logfile, -v.
class ReportingFlags {
public:
    void define(CLI::App& app);

    /// The same for commands that run no hooks and have a result as JSON.
    void define_for_stores(CLI::App& app);

    /// Throws util::Error when the log file cannot be written.
    void add_to(report::FanOut& reporters) const;

    /// Whether JSON was asked for: for results too, where a command has any.
    [[nodiscard]] bool json() const { return json_; }

private:
    bool json_ = false;
    bool verbose_ = false;
    bool quiet_ = false;
    std::string log_file_;
};

} // namespace kiln::cli
