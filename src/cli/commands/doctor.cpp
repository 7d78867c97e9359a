#include "build/host_checks/gather.hpp"
#include "build/host_checks/verdict.hpp"
#include "cli/commands/commands.hpp"
#include "cli/places.hpp"
#include "process/posix_runner.hpp"
#include "util/error.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <iomanip>
#include <iostream>

namespace kiln::cli {
namespace {

void print_table(const build::Verdict& verdict) {
    std::size_t width = 0;
    for (const build::HostCheck& check : verdict.checks) {
        width = std::max(width, check.name.size());
    }
    const std::string indent(width + 8, ' ');
    for (const build::HostCheck& check : verdict.checks) {
        std::cout << std::left << std::setw(6) << build::state_name(check.state)
                  << std::setw(static_cast<int>(width) + 2) << check.name << check.finding << "\n";
        if (!check.meaning.empty()) {
            std::cout << indent << "means: " << check.meaning << "\n";
        }
        if (!check.mend.empty()) {
            std::cout << indent << "mend:  " << check.mend << "\n";
        }
    }
    std::cout << "\n"
              << (verdict.can_build()
                      ? std::string("A build here runs ") + build::way_name(verdict.way) + "."
                      : "A build cannot run here: mend what fails above.")
              << "\n";
}

void print_json(const build::Verdict& verdict) {
    nlohmann::json checks = nlohmann::json::array();
    for (const build::HostCheck& check : verdict.checks) {
        checks.push_back({{"name", check.name},
                          {"state", build::state_name(check.state)},
                          {"finding", check.finding},
                          {"meaning", check.meaning},
                          {"mend", check.mend}});
    }
    const nlohmann::json document = {{"can_build", verdict.can_build()},
                                     {"way", build::way_name(verdict.way)},
                                     {"checks", checks}};
    std::cout << document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << "\n";
}

/// `kiln doctor`: what this host can do, and what mends the rest.
class DoctorCommand : public Command {
public:
    void define(CLI::App& app) override {
        app.add_option("--work-dir", work_directory_, "Where builds would work [the cache folder]");
        app.add_option("-o,--output", output_, "Where images would be written [.]");
        app.add_flag("--json", json_, "Print a JSON object");
    }

    int run() override {
        const build::HostPlaces places = {
            .work = absolute_path(work_directory_.empty() ? default_cache() : work_directory_),
            .state = default_state(),
            .output = (absolute_path(output_) / "").parent_path()};
        process::PosixRunner runner;
        const build::Verdict verdict = build::judge(build::gather_host_facts(places, runner));
        if (json_) {
            print_json(verdict);
        } else {
            print_table(verdict);
        }
        return static_cast<int>(verdict.can_build() ? util::ExitCode::ok : util::ExitCode::tool);
    }

private:
    std::string work_directory_;
    std::string output_ = ".";
    bool json_ = false;
};

} // namespace

std::unique_ptr<Command> make_doctor_command() {
    return std::make_unique<DoctorCommand>();
}

} // namespace kiln::cli
