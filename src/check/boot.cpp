#include "check/boot.hpp"

#include "check/boot_watch.hpp"
#include "check/image_file.hpp"
#include "check/kvm.hpp"
#include "check/scratch.hpp"
#include "check/seed.hpp"
#include "util/error.hpp"
#include "util/signal.hpp"
#include "util/text.hpp"

#include <filesystem>
#include <optional>

namespace kiln::check {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

UefiFirmware private_uefi(const std::string& folder) {
    const auto found = find_uefi_firmware();
    if (!found) {
        throw util::Error({.what = "no UEFI firmware in '/usr/share/OVMF'",
                           .hint = "sudo apt-get install --no-install-recommends ovmf",
                           .code = util::ExitCode::tool});
    }
    const std::string variables = folder + "/uefi-variables.fd";
    std::filesystem::copy_file(found->variables, variables);
    return {.code = found->code, .variables = variables};
}

Machine
make_machine(const BootOptions& options, const std::string& folder, process::Runner& runner) {
    Machine machine{.disk = folder + "/disk.raw",
                    .accelerator = choose_accelerator(kvm_memory(options.state_dir), runner),
                    .memory_mib = options.memory_mib,
                    .console_file = folder + "/console",
                    .report_file = folder + "/report"};
    if (options.firmware == Firmware::uefi) {
        machine.uefi = private_uefi(folder);
    }
    return machine;
}

void judge_report(const BootReport& report,
                  const std::vector<std::string>& allowed,
                  BootResult& result) {
    const std::vector<std::string> unexpected = unexpected_failures(report, allowed);
    result.failed_units = report.failed_units;
    result.journal = report.journal;
    result.verdict = BootVerdict::guest_failed;
    if (!unexpected.empty()) {
        result.reason = "failed units: " + util::join(unexpected, ", ");
    } else if (!is_up(report, allowed)) {
        result.reason =
            "a minute after multi-user.target systemd still said '" + report.state + "'";
    } else {
        result.verdict = BootVerdict::booted;
    }
}

void judge_silence(const ConsoleWatcher& console, BootResult& result) {
    const auto lines = util::last_lines(console.text(), 1);
    result.reason += lines.empty() ? "; the console stayed empty"
                                   : "; the last line of the console: '" + lines.back() + "'";
}

BootResult judge(const BootWatch& watch,
                 const std::vector<std::string>& allowed,
                 const process::Result& ended) {
    BootResult result{.console = watch.console().text(), .last_unit = watch.console().last_unit()};
    if (watch.report()) {
        judge_report(*watch.report(), allowed, result);
    } else if (const auto& failure = watch.console().failure()) {
        result.verdict = failure->verdict;
        result.reason = failure->reason;
    } else if (ended.timed_out) {
        result.verdict = BootVerdict::timed_out;
        result.reason = "not up in time";
        judge_silence(watch.console(), result);
    } else if (ended.exit_code == 0) {
        result.verdict = BootVerdict::guest_failed;
        result.reason = "the machine switched itself off or restarted before it was up";
        judge_silence(watch.console(), result);
    } else {
        throw util::Error(
            {.what = "qemu-system-x86_64 failed with exit code " + std::to_string(ended.exit_code),
             .code = util::ExitCode::tool,
             .excerpt = util::last_lines(ended.err, 20)});
    }
    return result;
}

/// A signal ends the program that runs, then this one, by way of the destructors.
class Interruption {
public:
    bool seen() {
        if (!number_) {
            number_ = signals_.take();
        }
        return number_.has_value();
    }

    void rethrow() {
        if (seen()) {
            throw util::Interrupted(*number_);
        }
    }

private:
    util::SignalWatch signals_;
    std::optional<int> number_;
};

void copy_disk(const BootOptions& options,
               const std::string& target,
               Interruption& interruption,
               process::Runner& runner) {
    const std::string format =
        options.format.empty() ? detect_format(options.image) : options.format;
    process::Command command = raw_copy_command(options.image, format, target);
    command.should_stop = [&interruption] { return interruption.seen(); };
    try {
        runner.check(command);
    } catch (const util::Error&) {
        interruption.rethrow();
        throw;
    }
}

BootResult run_machine(process::Command command,
                       const std::vector<std::string>& allowed,
                       BootWatch& watch,
                       Interruption& interruption,
                       process::Runner& runner) {
    command.should_stop = [&] { return interruption.seen() || watch.update(); };
    const auto start = steady_clock::now();
    const process::Result ended = runner.run(command);
    interruption.rethrow();
    watch.update();
    BootResult result = judge(watch, allowed, ended);
    result.duration = std::chrono::duration_cast<milliseconds>(steady_clock::now() - start);
    return result;
}

} // namespace

std::vector<process::ToolRequirement> boot_tools() {
    return {{.name = "qemu-system-x86_64",
             .purpose = "needed to boot an image",
             .package = "qemu-system-x86"},
            {.name = "qemu-img", .purpose = "needed to copy an image", .package = "qemu-utils"}};
}

BootResult
boot_image(const BootOptions& options, process::Runner& runner, report::Reporter& reporter) {
    process::require_tools(boot_tools(), process::tool_environment());
    const std::string name = options.firmware == Firmware::uefi ? "boot-uefi" : "boot-bios";
    report::Step step(reporter, name);
    Interruption interruption;
    const Scratch folder(options.work_dir);
    const Machine machine = make_machine(options, folder.path(), runner);
    copy_disk(options, machine.disk, interruption, runner);
    const std::string token = make_token();
    if (const auto reason = seed_disk(machine.disk, probe_unit(token))) {
        step.done("untestable");
        return {.verdict = BootVerdict::untestable, .reason = *reason};
    }
    BootWatch watch(machine, token, {.reporter = reporter, .stage = name});
    process::Command command = boot_command(machine);
    command.timeout = options.timeout;
    BootResult result =
        run_machine(std::move(command), options.allowed_failures, watch, interruption, runner);
    if (result.passed()) {
        step.done("booted");
    }
    return result;
}

} // namespace kiln::check
