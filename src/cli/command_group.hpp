#pragma once

#include "cli/command.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace kiln::cli {

/// A command whose subcommands do the work ("kiln element list").
class CommandGroup : public Command {
public:
    struct Entry {
        std::string name;
        std::string summary;
        std::unique_ptr<Command> (*make)();
    };

    CommandGroup(std::string name, std::vector<Entry> entries)
        : name_(std::move(name)), entries_(std::move(entries)) {}

    void define(CLI::App& app) override;

    /// Throws util::Error (code usage) for a missing or unknown subcommand.
    int run() override;

private:
    [[nodiscard]] std::vector<std::string> names() const;

    std::string name_;
    std::vector<Entry> entries_;
    CLI::App* app_ = nullptr;
    std::vector<std::pair<CLI::App*, std::unique_ptr<Command>>> commands_{};
};

} // namespace kiln::cli
