#include "chain/run.hpp"

#include "build/installation.hpp"
#include "cache/freshness_policy.hpp"
#include "chain/definition_reader.hpp"
#include "chain/plan.hpp"
#include "chain/problems.hpp"
#include "cli/commands/commands.hpp"
#include "cli/numbers.hpp"
#include "cli/places.hpp"
#include "cli/print_error.hpp"
#include "cli/run_summary.hpp"
#include "cli/run_views.hpp"
#include "process/posix_runner.hpp"
#include "util/error.hpp"
#include "util/signal.hpp"

#include <CLI/CLI.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <iostream>
#include <thread>

namespace kiln::cli {
namespace {

constexpr double k_mib_of_gb = 1024;

chain::Until until_of(const std::string& word) {
    if (word == "build") {
        return chain::Until::build;
    }
    return word == "test" ? chain::Until::test : chain::Until::publish;
}

/// `kiln run`: the chain of each image of a file.
class RunCommand : public Command {
public:
    void define(CLI::App& app) override {
        app.add_option("FILE", file_, "Definition, or folder of a bundle")->required();
        app.add_option("NAME", names_, "Only these images [all]");
        app.add_flag("--plan", plan_, "Say what would be done and why, and do nothing");
        app.add_option("-j,--jobs", jobs_, "Images at once [number of processors]");
        app.add_option("--memory", memory_, "GB that they may take together [4/5 of what is free]");
        app.add_option("--output", output_, "Folder for everything [the file's; out beside it]");
        app.add_option("--until", until_, "Stop after build, test or publish [publish]")
            ->check(CLI::IsMember({"build", "test", "publish"}));
        app.add_flag("--retest", retest_, "Run tests again that have passed");
        app.add_option("--freshness", freshness_, "In place of the file's, as for kiln build");
        app.add_flag("--no-cache", no_cache_, "Build every layer anew, and keep none");
        app.add_option("--cloud", cloud_, "Publish to this cloud, not to the file's stores");
        app.add_option("--region", regions_, "A region of it; may be repeated")
            ->allow_extra_args(false);
        app.add_option("--store", store_, "Publish to this folder, not to the file's stores");
        app.add_flag("--json", json_, "The result as a JSON document; events as JSON lines");
        app.add_flag("-q,--quiet", quiet_, "Show nothing but errors and the result");
        app.add_flag("-v,--verbose", verbose_, "A line for each step, on a terminal too");
        app_ = &app;
    }

    int run() override {
        check_options();
        chain::RunDefinition definition;
        try {
            definition = read();
        } catch (const chain::DefinitionError& error) {
            for (const util::ErrorInfo& problem : error.problems()) {
                print_error(problem);
            }
            return static_cast<int>(util::ExitCode::usage);
        }
        chain::select_images(definition, names_);
        const chain::Caller caller = this->caller();
        return plan_ ? plan(definition, caller) : work(definition, caller);
    }

private:
    [[nodiscard]] std::vector<chain::StoreDefinition> stores() const {
        std::vector<chain::StoreDefinition> stores;
        if (!cloud_.empty()) {
            stores.push_back({.name = cloud_, .cloud = cloud_, .regions = regions_});
        } else if (!regions_.empty()) {
            throw util::Error({.what = "--region without --cloud",
                               .hint = "name the cloud too: --cloud NAME",
                               .code = util::ExitCode::usage});
        }
        if (!store_.empty()) {
            stores.push_back({.name = "folder", .folder = absolute_path(store_)});
        }
        return stores;
    }

    void check_options() const {
        if (!freshness_.empty()) {
            (void)cache::parse_freshness(freshness_, "--freshness");
        }
        if (app_->count("--output") > 0 && output_.empty()) {
            throw util::Error({.what = "--output: an empty text is no folder",
                               .hint = "is a variable not set?",
                               .code = util::ExitCode::usage});
        }
        if (file_.empty()) {
            throw util::Error({.what = "an empty text is no file",
                               .hint = "name a definition, or the folder of a bundle",
                               .code = util::ExitCode::usage});
        }
    }

    [[nodiscard]] chain::RunDefinition read() const {
        const chain::ReadOptions options = {.environment = caller_environment(),
                                            .own_elements = build::find_installation().elements,
                                            .output = output_.empty() ? std::filesystem::path()
                                                                      : absolute_path(output_),
                                            .stores = stores(),
                                            .names = names_};
        return chain::read_definition(file_, options);
    }

    [[nodiscard]] chain::Caller caller() const {
        chain::Caller caller = {.kiln = build::find_installation().binary,
                                .environment = caller_environment(),
                                .cache = default_cache(),
                                .use_cache = !no_cache_};
        if (!freshness_.empty()) {
            caller.freshness = freshness_;
        }
        return caller;
    }

    [[nodiscard]] chain::ChainOptions chain_options() const {
        return {.until = until_of(until_), .retest = retest_, .folder = chain::folder_of(file_)};
    }

    [[nodiscard]] chain::Limits limits() const {
        chain::Limits limits = {.jobs = std::max(1U, std::thread::hardware_concurrency()),
                                .memory = chain::usable_memory()};
        if (!jobs_.empty()) {
            const double jobs = positive_number(jobs_, "--jobs");
            limits.jobs = static_cast<std::size_t>(jobs);
            if (jobs < 1 || std::floor(jobs) != jobs) {
                throw util::Error({.what = "--jobs: '" + jobs_ + "' images at once are none",
                                   .hint = "give a whole number from 1 on",
                                   .code = util::ExitCode::usage});
            }
        }
        if (!memory_.empty()) {
            limits.memory = static_cast<std::uint64_t>(
                std::llround(positive_number(memory_, "--memory") * k_mib_of_gb));
            if (limits.memory == 0) {
                throw util::Error({.what = "--memory: '" + memory_ + "' GB are none",
                                   .hint = "give a number above 0",
                                   .code = util::ExitCode::usage});
            }
        }
        return limits;
    }

    [[nodiscard]] std::unique_ptr<chain::RunView> view() const {
        if (quiet_) {
            return std::make_unique<SilentView>();
        }
        if (json_) {
            return std::make_unique<JsonView>(STDERR_FILENO);
        }
        if (::isatty(STDERR_FILENO) != 0 && !verbose_) {
            return std::make_unique<TableView>(STDERR_FILENO);
        }
        return std::make_unique<LinesView>(STDERR_FILENO);
    }

    [[nodiscard]] int work(const chain::RunDefinition& definition,
                           const chain::Caller& caller) const {
        const chain::RunOptions options = {.chain = chain_options(), .limits = limits()};
        chain::RunOutcome outcome;
        {
            const std::unique_ptr<chain::RunView> view = this->view();
            outcome = chain::run_images(definition, options, caller, *view);
        }
        if (json_) {
            std::cout << chain::to_json(outcome) << std::flush;
        } else {
            print_summary(outcome);
        }
        if (outcome.error) {
            print_error(*outcome.error);
        }
        if (outcome.signal) {
            throw util::Interrupted(*outcome.signal);
        }
        return told(chain::exit_status_of(outcome));
    }

    /// What nobody can read was not told.
    [[nodiscard]] static int told(int status) {
        std::cout.flush();
        if (!std::cout && status == 0) {
            throw util::Error({.what = "the result could not be written to standard output",
                               .hint = "is the disk full? result.json has it too"});
        }
        return status;
    }

    [[nodiscard]] int plan(const chain::RunDefinition& definition,
                           const chain::Caller& caller) const {
        process::PosixRunner runner;
        const chain::Plan plan = chain::plan_run(definition, chain_options(), caller, runner);
        std::cout << (json_ ? chain::to_json(plan) : chain::to_text(plan)) << std::flush;
        return told(static_cast<int>(plan.code));
    }

    CLI::App* app_ = nullptr;
    std::string file_;
    std::vector<std::string> names_;
    bool plan_ = false;
    std::string jobs_;
    std::string memory_;
    std::string output_;
    std::string until_ = "publish";
    bool retest_ = false;
    std::string freshness_;
    bool no_cache_ = false;
    std::string cloud_;
    std::vector<std::string> regions_;
    std::string store_;
    bool json_ = false;
    bool quiet_ = false;
    bool verbose_ = false;
};

} // namespace

std::unique_ptr<Command> make_run_command() {
    return std::make_unique<RunCommand>();
}

} // namespace kiln::cli
