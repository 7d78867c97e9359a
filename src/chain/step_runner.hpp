#pragma once

#include "chain/image_log.hpp"
#include "process/command.hpp"
#include "process/secrets.hpp"
#include "report/event.hpp"
#include "util/error.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace kiln::chain {

/// How a command of a chain ended.
struct StepEnd {
    process::Result result{};
    /// What kiln said of its failures.
    std::vector<util::ErrorInfo> errors{};
    /// The last lines that were neither events nor errors, standard output included.
    std::vector<std::string> last_lines{};
};

/// Tells of a stage under way.
using StageEvents = std::function<void(const std::string& stage, const report::Event& event)>;

/// Runs the commands of one image one after the other: their events are handed on, all that they
/// say is logged, with secrets hidden.
class StepRunner {
public:
    /// should_stop ends a command; a signal that came is then thrown by who asks.
    StepRunner(process::Runner& runner,
               ImageLog& log,
               const process::Redactor& redactor,
               StageEvents events,
               std::function<bool()> should_stop)
        : runner_(runner),
          log_(log),
          redactor_(redactor),
          events_(std::move(events)),
          should_stop_(std::move(should_stop)) {}

    /// Throws util::Error when the command cannot be started.
    StepEnd run(const std::string& stage, process::Command command);

    /// The same, and throws the error that the command told when it ended with another code than 0.
    StepEnd check(const std::string& stage, process::Command command);

    void tell(const std::string& stage, const report::Event& event);

private:
    void take_error_line(const std::string& stage, const std::string& text, StepEnd& end);

    process::Runner& runner_;
    ImageLog& log_;
    const process::Redactor& redactor_;
    StageEvents events_;
    std::function<bool()> should_stop_;
};

/// The error that an end means; its exit code is that of the program where it is one of kiln's.
util::ErrorInfo error_of(const StepEnd& end, const process::Command& command);

} // namespace kiln::chain
