#include "cli/command.hpp"
#include "cli/print_error.hpp"
#include "cli/startup.hpp"
#include "report/error_file.hpp"
#include "util/edit_distance.hpp"
#include "util/output.hpp"
#include "util/signal.hpp"

#include <CLI/CLI.hpp>

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>

namespace kiln::cli {
namespace {

constexpr int k_usage = static_cast<int>(util::ExitCode::usage);

/// A link of a name that the field knows stands for the program and a command.
std::vector<std::string> expand_alias(std::vector<std::string> arguments) {
    const std::string name = std::filesystem::path(arguments.front()).filename();
    for (const CommandEntry& entry : command_table()) {
        if (!entry.alias.empty() && entry.alias == name) {
            if (!entry.alias_option.empty()) {
                arguments.insert(arguments.begin() + 1, entry.alias_option);
            }
            arguments.insert(arguments.begin() + 1, entry.name);
            break;
        }
    }
    return arguments;
}

std::vector<std::string> command_names() {
    std::vector<std::string> names;
    for (const CommandEntry& entry : command_table()) {
        if (!entry.hidden) {
            names.push_back(entry.name);
        }
    }
    return names;
}

void require_known_command(const std::vector<std::string>& arguments) {
    if (arguments.size() < 2 || arguments[1].rfind('-', 0) == 0) {
        return;
    }
    const auto has_name = [&](const CommandEntry& entry) { return entry.name == arguments[1]; };
    const auto& table = command_table();
    if (std::none_of(table.begin(), table.end(), has_name)) {
        throw util::Error(
            {.what = "unknown command '" + arguments[1] + "'",
             .hint = util::did_you_mean(arguments[1], command_names(), "see the list: kiln --help"),
             .code = util::ExitCode::usage});
    }
}

int parse_and_run(CLI::App& app, std::vector<std::string> arguments) {
    std::vector<std::pair<CLI::App*, std::unique_ptr<Command>>> commands;
    for (const CommandEntry& entry : command_table()) {
        CLI::App* sub = app.add_subcommand(entry.name, entry.summary);
        commands.emplace_back(sub, entry.make());
        commands.back().second->define(*sub);
        if (entry.hidden) {
            sub->group("");
        }
    }
    app.require_subcommand(1);
    std::vector<std::string> words(arguments.rbegin(), arguments.rend() - 1);
    app.parse(std::move(words));
    for (const auto& [sub, command] : commands) {
        if (sub->parsed()) {
            return command->run();
        }
    }
    return k_usage;
}

/// "--image-sise": the option of the command that was probably meant.
std::string option_hint(const CLI::App& app, const std::vector<std::string>& arguments) {
    std::vector<std::string> known;
    for (const CLI::App* sub : app.get_subcommands()) {
        for (const CLI::Option* option : sub->get_options()) {
            for (const std::string& name : option->get_lnames()) {
                known.push_back("--" + name);
            }
        }
    }
    for (const std::string& argument : arguments) {
        const std::string word = argument.substr(0, argument.find('='));
        const bool unknown =
            word.rfind("--", 0) == 0 && std::find(known.begin(), known.end(), word) == known.end();
        const auto match = unknown ? util::nearest(word, known) : std::nullopt;
        if (match) {
            return "did you mean '" + *match + "'?";
        }
    }
    return "see: kiln --help, or kiln COMMAND --help";
}

int parse_error(const CLI::App& app,
                const CLI::ParseError& error,
                const std::vector<std::string>& arguments) {
    if (error.get_exit_code() == 0) {
        return app.exit(error);
    }
    if (arguments.size() < 2) {
        std::cerr << app.help();
        return k_usage;
    }
    print_error({.what = error.what(), .hint = option_hint(app, arguments)});
    return k_usage;
}

/// A hook whose tool failed tells its error (sandbox::HookRunner).
void leave_tool_error(const std::vector<std::string>& arguments, const util::ErrorInfo& info) {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): other threads are gone
    const char* file = std::getenv(report::k_error_file_variable);
    if (file != nullptr && arguments.size() > 1 && arguments[1] == "tool") {
        report::write_error_file(file, info);
    }
}

int guarded(CLI::App& app, const std::vector<std::string>& arguments) {
    try {
        require_known_command(arguments);
        return parse_and_run(app, arguments);
    } catch (const CLI::ParseError& error) {
        return parse_error(app, error, arguments);
    } catch (const util::Interrupted& signal) {
        if (util::takes_output(STDERR_FILENO)) {
            std::cerr << "interrupted\n";
        }
        util::die_of(signal.number());
    } catch (const std::exception& error) {
        const util::ErrorInfo info = util::info_of(error);
        print_error(info);
        leave_tool_error(arguments, info);
        return static_cast<int>(info.code);
    }
}

} // namespace

int run(std::vector<std::string> arguments) {
    settle_process();
    if (arguments.empty()) {
        arguments.emplace_back("kiln");
    }
    arguments = expand_alias(std::move(arguments));
    CLI::App app("Builds operating-system images from elements", "kiln");
    app.set_version_flag("--version", std::string("kiln ") + KILN_VERSION);
    app.set_help_all_flag("--help-all", "Help of all commands");
    return guarded(app, arguments);
}

} // namespace kiln::cli
