#include "build/build_image.hpp"
#include "build/hook_environment.hpp"
#include "cli/commands/build_options.hpp"
#include "cli/commands/commands.hpp"
#include "cli/reporting.hpp"
#include "report/timings.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

#include <CLI/CLI.hpp>

#include <iostream>

namespace kiln::cli {
namespace {

void print_result(const build::BuildResult& result) {
    for (const auto& file : result.files) {
        std::cout << file.string() << "\n";
    }
    if (!std::cout.flush()) {
        throw util::Error({.what = "cannot write the result to standard output",
                           .hint = "the image itself is done: " + result.files.front().string()});
    }
}

void report_timings(const report::Timings& timings, report::Reporter& reporter) {
    reporter.info("where the time went:");
    for (const std::string& line : timings.table()) {
        reporter.info(line);
    }
}

class BuildCommand : public Command {
public:
    void define(CLI::App& app) override {
        flags_.define(app);
        reporting_.define(app);
    }

    int run() override {
        report::FanOut reporters;
        reporting_.add_to(reporters);
        report::Timings timings;
        reporters.add(timings);
        for (const std::string& warning : flags_.warnings()) {
            reporters.warn(warning);
        }
        const build::BuildResult result = build::build_image(flags_.options(), reporters);
        if (!result.log.empty()) {
            report_timings(timings, reporters);
            reporters.info("log: " + result.log.string());
        }
        print_result(result);
        return 0;
    }

private:
    BuildFlags flags_;
    ReportingFlags reporting_;
};

} // namespace

std::unique_ptr<Command> make_build_command() {
    return std::make_unique<BuildCommand>();
}

} // namespace kiln::cli
