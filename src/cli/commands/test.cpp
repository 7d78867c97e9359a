#include "check/boot.hpp"
#include "cli/commands/commands.hpp"
#include "cli/numbers.hpp"
#include "cli/places.hpp"
#include "cli/reporting.hpp"
#include "process/posix_runner.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

#include <CLI/CLI.hpp>

#include <filesystem>
#include <iostream>

namespace kiln::cli {
namespace {

constexpr std::size_t k_shown_console_lines = 25;

std::vector<check::Firmware> firmware_of(const std::string& word) {
    if (word == "both") {
        return {check::Firmware::bios, check::Firmware::uefi};
    }
    return {word == "bios" ? check::Firmware::bios : check::Firmware::uefi};
}

std::string name_of(check::Firmware firmware) {
    return firmware == check::Firmware::bios ? "bios" : "uefi";
}

class TestCommand : public Command {
public:
    void define(CLI::App& app) override {
        app.add_option("IMAGE", image_, "Image to test; it is only read")->required();
        app.add_flag("--boot", boot_, "Boot a throw-away copy")->required();
        app.add_option("--firmware", firmware_, "bios, uefi or both [both]")
            ->check(CLI::IsMember({"bios", "uefi", "both"}));
        app.add_option("--allow-failed", allowed_failures_, "Unit that may fail (wildcards)")
            ->allow_extra_args(false);
        app.add_option("--timeout", timeout_, "Seconds for one boot [300]");
        app.add_option("--memory", memory_, "MiB of the machine [1024]");
        app.add_option("--work-dir", work_directory_, "Where the copy is made [/var/tmp]");
        reporting_.define(app);
    }

    int run() override {
        check_image();
        if (positive_number(timeout_, "--timeout") < 1) {
            throw util::Error(
                {.what = "--timeout: '" + timeout_ + "': no machine boots in that time",
                 .hint = "give seconds; the default is 300",
                 .code = util::ExitCode::usage});
        }
        process::PosixRunner runner;
        process::require_tools(check::boot_tools(), process::tool_environment());
        report::FanOut reporters;
        reporting_.add_to(reporters);
        bool passed = true;
        for (const check::Firmware firmware : firmware_of(firmware_)) {
            passed = boot(firmware, runner, reporters) && passed;
        }
        return static_cast<int>(passed ? util::ExitCode::ok : util::ExitCode::test);
    }

private:
    void check_image() const {
        if (!std::filesystem::is_regular_file(absolute_path(image_))) {
            throw util::Error({.what = "there is no image file '" + image_ + "'",
                               .hint = "name a qcow2 or raw file",
                               .code = util::ExitCode::usage});
        }
    }

    bool boot(check::Firmware firmware, process::Runner& runner, report::Reporter& reporter) const {
        const auto seconds = static_cast<long>(positive_number(timeout_, "--timeout"));
        const auto memory = static_cast<unsigned>(positive_number(memory_, "--memory"));
        const check::BootResult result =
            check::boot_image({.image = absolute_path(image_),
                               .firmware = firmware,
                               .allowed_failures = allowed_failures_,
                               .timeout = std::chrono::seconds(seconds),
                               .memory_mib = memory,
                               .work_dir = work_directory_,
                               .state_dir = default_state()},
                              runner,
                              reporter);
        print(firmware, result);
        return result.passed();
    }

    void print(check::Firmware firmware, const check::BootResult& result) const {
        if (!result.passed()) {
            for (const std::string& line :
                 util::last_lines(result.console, k_shown_console_lines)) {
                std::cerr << "    | " << line << "\n";
            }
            for (const std::string& line : result.journal) {
                std::cerr << "    | journal of " << line << "\n";
            }
        }
        std::cout << image_ << ": " << name_of(firmware) << ": "
                  << check::verdict_name(result.verdict) << " after "
                  << util::human_duration(result.duration);
        if (!result.passed()) {
            std::cout << ": " << result.reason;
            if (!result.last_unit.empty()) {
                std::cout << " (last unit: " << result.last_unit << ")";
            }
        }
        std::cout << std::endl;
    }

    std::string image_;
    bool boot_ = false;
    std::vector<std::string> allowed_failures_;
    std::string firmware_ = "both";
    std::string timeout_ = "300";
    std::string memory_ = "1024";
    std::string work_directory_ = "/var/tmp";
    ReportingFlags reporting_;
};

} // namespace

std::unique_ptr<Command> make_test_command() {
    return std::make_unique<TestCommand>();
}

} // namespace kiln::cli
