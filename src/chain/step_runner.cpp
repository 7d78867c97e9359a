#include "chain/step_runner.hpp"

#include "report/error_file.hpp"
#include "util/text.hpp"

#include <signal.h>
#include <sys/prctl.h>

namespace kiln::chain {
namespace {

constexpr std::size_t k_last_lines = 25;
/// What a build or an upload takes to leave nothing behind.
constexpr std::chrono::seconds k_grace{15};

void keep_last(std::vector<std::string>& lines, std::string line) {
    lines.push_back(std::move(line));
    if (lines.size() > k_last_lines) {
        lines.erase(lines.begin());
    }
}

} // namespace

StepEnd StepRunner::run(const std::string& stage, process::Command command) {
    StepEnd end;
    // When this process is killed, its program cleans up and ends.
    command.child_setup = [] { ::prctl(PR_SET_PDEATHSIG, SIGTERM); };
    command.should_stop = should_stop_;
    command.stop_grace = k_grace;
    log_.line("run: " + process::to_shell(command));
    std::string out;
    end.result = runner_.run(command, [&](process::Stream stream, std::string_view text) {
        const std::string line(text);
        if (stream == process::Stream::err) {
            take_error_line(stage, line, end);
            return;
        }
        out += line + "\n";
        const std::string shown = redactor_.redact(line);
        log_.line("> " + shown);
        keep_last(end.last_lines, shown);
    });
    end.result.out = std::move(out);
    if (end.result.timed_out || end.result.exit_code != 0) {
        log_.line("it ended with exit code " + std::to_string(end.result.exit_code) +
                  (end.result.timed_out ? ", by its time limit" : ""));
    }
    return end;
}

void StepRunner::take_error_line(const std::string& stage, const std::string& text, StepEnd& end) {
    const std::string line = redactor_.redact(text);
    if (std::optional<util::ErrorInfo> error = report::error_of_line(text)) {
        *error = redactor_.redact(std::move(*error));
        for (const std::string& shown : error->excerpt) {
            log_.line("    | " + shown);
        }
        log_.line("error: " + error->what);
        if (!error->hint.empty()) {
            log_.line(" hint: " + error->hint);
        }
        end.errors.push_back(std::move(*error));
        return;
    }
    if (line.rfind("{\"event\"", 0) == 0) {
        try {
            tell(stage, report::event_from_json(text));
            return;
        } catch (const std::exception&) { // NOLINT(bugprone-empty-catch): a line like others
        }
    }
    log_.line(line);
    keep_last(end.last_lines, line);
}

void StepRunner::tell(const std::string& stage, const report::Event& told) {
    report::Event event = told;
    event.text = redactor_.redact(std::move(event.text));
    log_.event(event);
    if (event.kind != report::EventKind::output) {
        events_(stage, event);
    }
}

StepEnd StepRunner::check(const std::string& stage, process::Command command) {
    StepEnd end = run(stage, command);
    if (end.result.exit_code != 0 || end.result.timed_out) {
        throw util::Error(error_of(end, command));
    }
    return end;
}

util::ErrorInfo error_of(const StepEnd& end, const process::Command& command) {
    if (!end.errors.empty()) {
        return end.errors.front();
    }
    const int code = end.result.exit_code;
    const std::string name = "'" + command.argv.front() + "'";
    util::ErrorInfo error = {.what = name + " ended with exit code " + std::to_string(code),
                             .excerpt = end.last_lines};
    if (end.result.timed_out) {
        error.what = name + " did not end within " +
                     util::human_duration(command.timeout.value_or(std::chrono::seconds(0)));
        error.hint = "give it more time, or look why it hangs";
    }
    return error;
}

} // namespace kiln::chain
