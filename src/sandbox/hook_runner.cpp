#include "sandbox/hook_runner.hpp"

#include "report/error_file.hpp"
#include "report/log_reporter.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <array>

namespace kiln::sandbox {
namespace {

using element::Side;

constexpr std::size_t k_excerpt_lines = 20;

/// What is kept of a hook's standard output; its last lines are the answer.
constexpr std::size_t k_most_output = std::size_t{1024} * 1024;

/// SIGRTMAX: an exit code of more than 128 + this is the hook's own.
constexpr int k_last_signal = 64;

/// What `retry`, `retry clean` and `stop` of the break shell exit with (scripts/shims/break-shell).
constexpr int k_retry = 75;
constexpr int k_retry_on_clean_tree = 76;
constexpr int k_stop = 77;

void keep_last(std::vector<std::string>& lines, std::string line) {
    lines.push_back(std::move(line));
    if (lines.size() > k_excerpt_lines) {
        lines.erase(lines.begin());
    }
}

std::string hint_for(int exit_code) {
    if (exit_code == 126 || exit_code == 127) {
        return "is its '#!' program, or one that it calls, in the tree? trace it with: -x";
    }
    return "look around in the failed root: build again with --on-error=shell   (-x traces lines)";
}

void append_line(std::string& text, std::string_view line) {
    text.append(line).append("\n");
    if (text.size() > 2 * k_most_output) {
        text.erase(0, text.size() - k_most_output);
    }
}

/// A message is whole or not there.
std::array<util::Fd, 2> socket_pair() {
    std::array<int, 2> ends = {-1, -1};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        util::throw_errno({.what = "cannot make a socket", .code = util::ExitCode::tool});
    }
    return {util::Fd(ends[0]), util::Fd(ends[1])};
}

/// The fact, the hint and the code are the tool's. Code 1 says nothing more than that it failed,
/// and others are none of a tool's: then the hook's stays.
void blame_tool(const HookRun& hook, util::ErrorInfo tool, util::ErrorInfo& info) {
    using util::ExitCode;
    const ExitCode code = tool.code;
    if (code == ExitCode::usage || code == ExitCode::tool || code == ExitCode::remote) {
        info.code = code;
    }
    info.what = std::move(tool.what);
    info.hint = tool.hint.empty() ? info.hint : std::move(tool.hint);
    info.where = {"hook '" + hook.name + "'"};
}

std::string place_of(const HookRun& place) {
    return place.name.empty() ? place.phase.name : place.phase.name + "/" + place.name;
}

} // namespace

HookContext HookRunner::context() const {
    return {.site = site_, .tree = layers_.mount_path(), .left_mounts = left_mounts_};
}

HookOutput HookRunner::run(const HookRun& hook) {
    return util::with_context("phase " + hook.phase.name, [&] {
        return util::with_context("element '" + hook.element + "'", [&] { return run_here(hook); });
    });
}

HookOutput HookRunner::run_here(const HookRun& hook) {
    report::Step step(reporter_,
                      {.stage = hook.phase.name, .element = hook.element, .hook = hook.name});
    std::optional<HookOutput> output;
    while (!output) {
        output = run_on_layer(hook);
    }
    step.done();
    return std::move(*output);
}

/// Nothing: the user wants the hook to begin again on the tree as it was before.
std::optional<HookOutput> HookRunner::run_on_layer(const HookRun& hook) {
    OpenLayer layer(layers_);
    const util::RootDir tree(layers_.mount_path());
    std::optional<ResolvConfPlace> resolv_conf;
    if (hook.phase.side == Side::chroot && !site_.resolv_conf.empty()) {
        resolv_conf.emplace(tree);
    }
    Attempt last = attempt(hook);
    while (last.error) {
        const Choice choice = choose_after(hook, *last.error);
        if (choice == Choice::stop) {
            throw *last.error; // NOLINT(misc-throw-by-value-catch-by-reference): made above
        }
        hook.renew();
        if (choice == Choice::retry_on_clean_tree) {
            return std::nullopt;
        }
        last = attempt(hook);
    }
    if (resolv_conf) {
        resolv_conf->remove_if_ours(tree);
    }
    last.output.kept = layer.finish();
    return std::move(last.output);
}

HookRunner::Attempt HookRunner::attempt(const HookRun& hook) {
    Attempt result;
    std::vector<std::string> tail;
    ::unlink(site_.tool_error.c_str());
    std::array<util::Fd, 2> mounts = socket_pair();
    HookContext here = context();
    here.mounts_socket = mounts[1].get();
    const process::Result ended =
        runner_.run(hook_command(hook, here), [&](process::Stream stream, std::string_view line) {
            keep_last(tail, std::string(line));
            if (stream == process::Stream::out) {
                append_line(result.output.out, line);
            }
            reporter_.handle({.kind = report::EventKind::output,
                              .stage = hook.phase.name,
                              .element = hook.element,
                              .hook = hook.name,
                              .text = std::string(line)});
        });
    if (ended.exit_code != 0 || ended.timed_out) {
        result.error = failure(hook, ended, std::move(tail));
    } else if (hook.phase.side == Side::host) {
        left_mounts_.replace(receive_mounts(mounts[0].get()));
    }
    return result;
}

HookRunner::Choice HookRunner::choose_after(const HookRun& hook, const util::Error& error) {
    if (site_.on_failure == OnFailure::stop) {
        return Choice::stop;
    }
    if (site_.breaks.terminal) {
        for (const std::string& line : error.info().excerpt) {
            reporter_.info("    | " + line);
        }
    }
    reporter_.warn(std::string(error.what()) + "; the build stops here for a look");
    HookRun place = hook;
    place.environment["KILN_BREAK_ERROR"] = error.what();
    const Choice choice = open_break(place);
    return choice == Choice::go_on ? Choice::stop : choice;
}

void HookRunner::pause_at(const HookRun& place) {
    OpenLayer layer(layers_);
    reporter_.info("break point " + place_of(place));
    if (open_break(place) == Choice::stop) {
        throw util::Error({.what = "the build was stopped at break point " + place_of(place),
                           .code = util::ExitCode::hook});
    }
    layer.finish();
}

HookRunner::Choice HookRunner::open_break(const HookRun& hook) {
    paused_ = true;
    if (site_.breaks.terminal) {
        reporter_.handle({.kind = report::EventKind::pause});
    }
    const process::Result ended =
        runner_.run(break_command(hook, context()), [&](process::Stream, std::string_view line) {
            reporter_.info("    | " + std::string(line));
        });
    if (site_.breaks.terminal) {
        reporter_.handle({.kind = report::EventKind::resume});
    }
    switch (ended.exit_code) {
    case k_retry:
        return Choice::retry;
    case k_retry_on_clean_tree:
        return Choice::retry_on_clean_tree;
    case k_stop:
        return Choice::stop;
    default:
        return Choice::go_on;
    }
}

/// The file is gone afterwards. A tool that failed before, whose failure the hook took, has another
/// exit code, mostly: then the hook's own failure counts.
std::optional<util::ErrorInfo> HookRunner::take_tool_error(const HookRun& hook,
                                                           int exit_code) const {
    if (site_.tool_error.empty() || hook.phase.side != Side::host) {
        return std::nullopt;
    }
    auto error = report::read_error_file(site_.tool_error);
    ::unlink(site_.tool_error.c_str());
    return error && static_cast<int>(error->code) == exit_code ? std::move(error) : std::nullopt;
}

util::Error HookRunner::failure(const HookRun& hook,
                                const process::Result& result,
                                std::vector<std::string> lines) const {
    std::string what = "hook '" + hook.name + "' ";
    if (result.timed_out) {
        what += "did not end within " + util::human_duration(*site_.timeout) + " (--hook-timeout)";
    } else if (result.exit_code > 128 && result.exit_code <= 128 + k_last_signal) {
        what += "was ended by signal " + std::to_string(result.exit_code - 128);
    } else {
        what += "failed with exit code " + std::to_string(result.exit_code);
    }
    util::ErrorInfo info = {.what = std::move(what),
                            .hint = hint_for(result.exit_code),
                            .code = util::ExitCode::hook,
                            .log = site_.log_directory + "/" +
                                   report::LogReporter::hook_log_name(hook.phase.name, hook.name),
                            .excerpt = std::move(lines)};
    if (auto tool = take_tool_error(hook, result.exit_code); tool && !result.timed_out) {
        blame_tool(hook, std::move(*tool), info);
    }
    return util::Error(std::move(info));
}

} // namespace kiln::sandbox
