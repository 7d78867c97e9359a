#include "build/worker.hpp"

#include "build/pipeline.hpp"
#include "build/wire.hpp"
#include "process/posix_runner.hpp"
#include "process/secrets.hpp"
#include "report/json_reporter.hpp"
#include "sandbox/private_root.hpp"
#include "util/fd.hpp"

#include <filesystem>

namespace kiln::build {
namespace {

namespace fs = std::filesystem;

BuildResult run_build(const BuildContext& context, report::Reporter& reporter) {
    const fs::path directory = context.paths.directory;
    const fs::path scratch = directory / "root";
    fs::create_directory(scratch);
    sandbox::enter_private_root(scratch, directory, Paths::k_inside);
    process::PosixRunner runner;
    Pipeline pipeline(context, runner, reporter);
    return pipeline.run();
}

/// The last line to the other side: what came of it.
std::string outcome(const BuildContext& context, report::Reporter& reporter) {
    const process::Redactor redactor(process::secrets_of(context.options.environment));
    try {
        process::RedactingReporter redacting(redactor, reporter);
        return to_wire(run_build(context, redacting));
    } catch (const std::exception& error) {
        return to_wire(redactor.redact(util::info_of(error)));
    }
}

} // namespace

int run_worker(const BuildContext& context, int event_fd) noexcept {
    try {
        report::JsonReporter reporter(event_fd);
        util::write_all(event_fd, outcome(context, reporter) + "\n", "the event stream");
        return 0;
    } catch (...) {
        return 1;
    }
}

} // namespace kiln::build
