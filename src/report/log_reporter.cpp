#include "report/log_reporter.hpp"

#include "util/error.hpp"
#include "util/fd.hpp"
#include "util/text.hpp"

#include <spdlog/logger.h>
#include <spdlog/sinks/basic_file_sink.h>

#include <fcntl.h>

#include <utility>

namespace kiln::report {
namespace {

std::shared_ptr<spdlog::logger> make_logger(const std::filesystem::path& file) {
    try {
        auto sink = std::make_shared<spdlog::sinks::basic_file_sink_st>(file.string());
        auto logger = std::make_shared<spdlog::logger>("kiln", std::move(sink));
        logger->set_pattern("%Y-%m-%d %H:%M:%S.%e %v");
        logger->flush_on(spdlog::level::info);
        // Left alone, spdlog prints to stderr and goes on.
        logger->set_error_handler([file](const std::string& text) {
            throw util::Error({.what = "cannot write the log '" + file.string() + "': " + text,
                               .hint = "is the disk full? try: df -h"});
        });
        return logger;
    } catch (const spdlog::spdlog_ex& error) {
        throw util::Error({.what = "cannot write the log '" + file.string() + "': " + error.what(),
                           .hint = "choose another place with --logfile or XDG_STATE_HOME"});
    }
}

std::string line_of(const Event& event) {
    std::string line = kind_name(event.kind);
    for (const std::string* part : {&event.stage, &event.element, &event.hook}) {
        if (!part->empty()) {
            line += " " + *part;
        }
    }
    if (!event.text.empty()) {
        line += ": " + event.text;
    }
    if (event.kind == EventKind::end || event.kind == EventKind::failed) {
        line += " (" + util::human_duration(event.elapsed) + ")";
    }
    return line;
}

} // namespace

class TextFileReporter : public Reporter {
public:
    explicit TextFileReporter(const std::filesystem::path& file) : logger_(make_logger(file)) {}

    void handle(const Event& event) override {
        if (event.kind != EventKind::progress) {
            logger_->info(line_of(event));
        }
    }

private:
    std::shared_ptr<spdlog::logger> logger_;
};

struct LogReporter::Sink {
    TextFileReporter log;
    std::string hook_file{};
    util::Fd hook_fd{};
};

LogReporter::LogReporter(std::filesystem::path directory)
    : directory_(std::move(directory)),
      sink_(new Sink{.log = TextFileReporter(directory_ / "build.log")}) {}

LogReporter::~LogReporter() = default;

std::string LogReporter::hook_log_name(const std::string& stage, const std::string& hook) {
    return stage + ".d-" + hook + ".log";
}

void LogReporter::handle(const Event& event) {
    sink_->log.handle(event);
    if (event.kind == EventKind::output && !event.hook.empty()) {
        append_output(event);
    }
}

void LogReporter::append_output(const Event& event) {
    const std::string name = hook_log_name(event.stage, event.hook);
    if (name != sink_->hook_file) {
        sink_->hook_fd =
            util::open_file((directory_ / name).string(), O_WRONLY | O_CREAT | O_APPEND);
        sink_->hook_file = name;
    }
    util::write_all(sink_->hook_fd.get(), event.text + "\n", name);
}

std::unique_ptr<Reporter> make_file_reporter(const std::filesystem::path& file) {
    return std::make_unique<TextFileReporter>(file);
}

} // namespace kiln::report
