#pragma once

#include <memory>
#include <string>
#include <vector>

namespace CLI { // NOLINT(readability-identifier-naming): not ours
class App;
}

namespace kiln::cli {

/// What the program was started with.
struct Invocation {
    std::vector<std::string> arguments;
};

/// One command: its options as members, one file each.
class Command {
public:
    Command() = default;
    Command(const Command&) = delete;
    Command& operator=(const Command&) = delete;
    Command(Command&&) = delete;
    Command& operator=(Command&&) = delete;
    virtual ~Command() = default;

    /// Declares the options on a subcommand.
    virtual void define(CLI::App& app) = 0;

    /// Does the work; an exit code, or throws util::Error.
    virtual int run() = 0;
};

struct CommandEntry {
    std::string name;
    std::string summary;
    /// The name that the field knows it by; a link of that name calls it.
    std::string alias;
    std::unique_ptr<Command> (*make)();
    bool hidden;
    /// An option that the link stands for too.
    std::string alias_option{};
};

/// All commands, in the order of the help.
const std::vector<CommandEntry>& command_table();

/// Parses and runs; the exit code of the program. Errors are printed here and nowhere else.
int run(std::vector<std::string> arguments);

} // namespace kiln::cli
