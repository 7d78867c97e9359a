// boot_probe IMAGE bios|uefi SECONDS WORK_DIR VERDICT [TEXT]: boots a copy of an image. Exit code 0
// when the verdict is the one expected and the console had the text, else 1.
#include "check/boot.hpp"
#include "process/posix_runner.hpp"
#include "report/terminal_reporter.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

#include <unistd.h>

#include <cstdio>
#include <string>
#include <vector>

namespace {

using namespace kiln;

int probe(const std::vector<std::string>& arguments) {
    const check::BootOptions options{.image = arguments.at(1),
                                     .firmware = arguments.at(2) == "uefi" ? check::Firmware::uefi
                                                                           : check::Firmware::bios,
                                     .timeout = std::chrono::seconds(std::stoi(arguments.at(3))),
                                     .work_dir = arguments.at(4),
                                     .state_dir = arguments.at(4)};
    const std::string text = arguments.size() > 6 ? arguments.at(6) : "";
    process::PosixRunner runner;
    report::TerminalReporter reporter(
        STDERR_FILENO, report::TerminalStyle::plain, report::TerminalReporter::OutputLevel::all);
    const check::BootResult result = check::boot_image(options, runner, reporter);
    std::printf("verdict: %s\nreason: %s\nlast unit: %s\ntime: %s\n",
                check::verdict_name(result.verdict).c_str(),
                result.reason.c_str(),
                result.last_unit.c_str(),
                util::human_duration(result.duration).c_str());
    if (result.console.find(text) == std::string::npos) {
        std::printf("the console did not have: %s\n", text.c_str());
        return 1;
    }
    return check::verdict_name(result.verdict) == arguments.at(5) ? 0 : 1;
}

} // namespace

int main(int argc, char** argv) {
    try {
        return probe(std::vector<std::string>(argv, argv + argc));
    } catch (const util::Error& error) {
        std::fprintf(stderr, "error: %s\n hint: %s\n", error.what(), error.info().hint.c_str());
        return static_cast<int>(error.info().code);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "error: %s\n", error.what());
        return 1;
    }
}
