#include "build/build_image.hpp"

#include "build/build_directory.hpp"
#include "build/build_store.hpp"
#include "build/context.hpp"
#include "build/event_pump.hpp"
#include "build/preparation.hpp"
#include "build/unchanged.hpp"
#include "build/worker.hpp"
#include "cache/tend.hpp"
#include "report/fan_out.hpp"
#include "report/log_reporter.hpp"
#include "sandbox/helper_namespace.hpp"
#include "sandbox/session.hpp"

namespace kiln::build {
namespace {

using std::chrono::milliseconds;

/// A user who pressed Ctrl-C does not wait longer for the removal of what was built so far.
constexpr milliseconds k_interrupted_limit{1500};

/// Nor does anybody wait long for it after a build: where removing is slow (file systems mounted
/// with discard), the next build sweeps the rest while it works.
constexpr milliseconds k_remove_limit{3000};
constexpr milliseconds k_sweep_limit{2000};

util::Error with_image(const util::ErrorInfo& info, const BuildContext& context) {
    util::Error error(info);
    error.add_context("image '" + context.options.output.filename().string() + "'");
    return error;
}

BuildResult outcome(const WireEnd& end, int exit_code, const BuildContext& context) {
    if (end.error) {
        throw with_image(*end.error, context);
    }
    if (!end.result) {
        throw util::Error({.what = "the build was ended from outside (exit code " +
                                   std::to_string(exit_code) + ")",
                           .hint = "was it killed, or is memory short? look at: sudo dmesg | tail",
                           .log = (context.paths.logs / "build.log").string()});
    }
    BuildResult result = *end.result;
    result.log = context.paths.logs / "build.log";
    return result;
}

/// Keeps the cache within its size; inside the sandbox, whose user owns the files of layers.
void tend_cache(const BuildOptions& options) {
    try {
        const cache::LayerStore layers(store_folder(options.cache_directory));
        const cache::FinishedImages images((options.cache_directory / "images").string());
        cache::tend(layers, images, options.cache_size);
    } catch (const std::exception&) { // NOLINT(bugprone-empty-catch): the next build tries again
    }
}

BuildResult run_sandboxed(const BuildContext& context,
                          const std::optional<sandbox::IdMap>& id_map,
                          report::Reporter& reporter) {
    EventPump pump;
    sandbox::Session session({.id_map = id_map, .worker_descriptors = {pump.worker_end()}},
                             [&] { return run_worker(context, pump.worker_end()); });
    const auto tend = [&] { tend_cache(context.options); };
    int exit_code = 0;
    try {
        exit_code = pump.run(session, reporter);
    } catch (const std::exception&) {
        session.kill();
        remove_build(context.paths.directory, id_map, k_interrupted_limit, tend);
        throw;
    }
    remove_build(context.paths.directory, id_map, k_remove_limit, tend);
    return outcome(pump.end(), exit_code, context);
}

} // namespace

BuildResult build_image(BuildOptions options, report::Reporter& reporter) {
    if (sandbox::enter_helper_namespace_if_needed()) {
        reporter.info("this user's own namespaces do not work here; the sudo helper made one");
    }
    BuildContext context = prepare(std::move(options), reporter);
    if (std::optional<BuildResult> unchanged = unchanged_result(context, reporter)) {
        reporter.info("nothing has changed: the outputs of the last build are current");
        return std::move(*unchanged);
    }
    const std::optional<sandbox::IdMap> id_map = sandbox::current_id_map();
    const std::filesystem::path builds = context.options.work_directory / "builds";
    Sweep sweep(builds, id_map);
    const BuildDirectory directory(builds, new_build_id(context.options.output));
    context.paths.directory = directory.path();
    context.paths.logs = make_log_directory(context.options.state_directory, directory.id());
    report::FanOut reporters;
    reporters.add(reporter);
    reporters.add(std::make_unique<report::LogReporter>(context.paths.logs));
    const BuildResult result = run_sandboxed(context, id_map, reporters);
    sweep.wait(k_sweep_limit);
    return result;
}

} // namespace kiln::build
