#pragma once

#include "report/reporter.hpp"

#include <filesystem>
#include <memory>
#include <string>

namespace kiln::report {

/// The log of a build: `build.log` in a folder (time-stamped lines, through spdlog) and beside it
/// one file a hook, `<phase>.d-<hook>.log`, with that hook's output as it came.
class LogReporter : public Reporter {
public:
    /// Throws Error when the folder cannot be written.
    explicit LogReporter(std::filesystem::path directory);
    LogReporter(const LogReporter&) = delete;
    LogReporter& operator=(const LogReporter&) = delete;
    LogReporter(LogReporter&&) = delete;
    LogReporter& operator=(LogReporter&&) = delete;
    ~LogReporter() override;

    void handle(const Event& event) override;

    /// The name of the file with a hook's output, within the folder.
    static std::string hook_log_name(const std::string& stage, const std::string& hook);

private:
    struct Sink;

    void append_output(const Event& event);

    std::filesystem::path directory_;
    std::unique_ptr<Sink> sink_;
};

/// All events as time-stamped lines appended to one file of the user's choice (--logfile).
std::unique_ptr<Reporter> make_file_reporter(const std::filesystem::path& file);

} // namespace kiln::report
