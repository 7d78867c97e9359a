#include "cli/command_group.hpp"

#include "util/edit_distance.hpp"
#include "util/error.hpp"

#include <CLI/CLI.hpp>

namespace kiln::cli {

void CommandGroup::define(CLI::App& app) {
    for (const Entry& entry : entries_) {
        CLI::App* sub = app.add_subcommand(entry.name, entry.summary);
        commands_.emplace_back(sub, entry.make());
        commands_.back().second->define(*sub);
    }
    // A word that is none is left over, for run() to name.
    app.require_subcommand(0, 1)->allow_extras();
    app_ = &app;
}

int CommandGroup::run() {
    for (const auto& [app, command] : commands_) {
        if (app->parsed()) {
            return command->run();
        }
    }
    const std::vector<std::string> words = app_->remaining();
    const std::string see = "see the list: kiln " + name_ + " --help";
    std::string what = "'kiln " + name_ + "' needs a subcommand";
    if (!words.empty()) {
        what = "unknown command '" + name_ + " " + words.front() + "'";
    }
    throw util::Error(
        {.what = std::move(what),
         .hint = words.empty() ? see : util::did_you_mean(words.front(), names(), see),
         .code = util::ExitCode::usage});
}

std::vector<std::string> CommandGroup::names() const {
    std::vector<std::string> names;
    names.reserve(entries_.size());
    for (const Entry& entry : entries_) {
        names.push_back(entry.name);
    }
    return names;
}

} // namespace kiln::cli
