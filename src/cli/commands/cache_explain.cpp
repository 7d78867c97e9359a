#include "build/build_image.hpp"
#include "cli/commands/build_options.hpp"
#include "cli/commands/cache_commands.hpp"
#include "cli/reporting.hpp"

#include <CLI/CLI.hpp>

#include <iostream>

namespace kiln::cli {
namespace {

/// `kiln cache explain`: goes through the layers as a build with the same options would, and stops
/// where the first one has to be made.
class CacheExplainCommand : public Command {
public:
    void define(CLI::App& app) override {
        flags_.define(app);
        reporting_.define(app);
    }

    int run() override {
        report::FanOut reporters;
        reporting_.add_to(reporters);
        build::BuildOptions options = flags_.options();
        options.plan_only = true;
        const build::BuildResult result = build::build_image(std::move(options), reporters);
        for (const std::string& line : result.explanation) {
            std::cout << line << "\n";
        }
        std::cout.flush();
        return 0;
    }

private:
    BuildFlags flags_;
    ReportingFlags reporting_;
};

} // namespace

std::unique_ptr<Command> make_cache_explain_command() {
    return std::make_unique<CacheExplainCommand>();
}

} // namespace kiln::cli
