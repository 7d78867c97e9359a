#include "base/image_digest.hpp"
#include "check/kvm.hpp"
#include "check/scratch.hpp"
#include "cli/commands/commands.hpp"
#include "cli/layer_record.hpp"
#include "cli/places.hpp"
#include "inspect/comparison.hpp"
#include "inspect/comparison_report.hpp"
#include "process/posix_runner.hpp"
#include "report/fan_out.hpp"
#include "report/terminal_reporter.hpp"
#include "util/error.hpp"
#include "util/signal.hpp"

#include <CLI/CLI.hpp>

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <optional>

namespace kiln::cli {
namespace {

namespace fs = std::filesystem;

/// As diff(1): 1 says that they differ, so trouble is 2.
constexpr int k_differ = 1;
constexpr util::ExitCode k_trouble = util::ExitCode::usage;

[[noreturn]] void throw_as_trouble(const std::exception& error) {
    util::ErrorInfo info = util::info_of(error);
    if (info.code == util::ExitCode::failed) {
        info.code = k_trouble;
        info.hint =
            info.hint.empty() ? "are both images whole? compare their checksums" : info.hint;
    }
    throw util::Error(std::move(info));
}

/// The layers of an image of a file; nothing, with a note, when they are not known.
std::optional<inspect::LayerFolders> origin_of(const fs::path& cache,
                                               const std::string& image,
                                               const std::function<void()>& on_wait,
                                               std::vector<std::string>& notes) {
    std::optional<std::vector<inspect::Layer>> layers;
    if (fs::is_regular_file(image)) {
        layers = recorded_layers(
            cache, base::digest_of_file(image, util::DigestKind::sha256, on_wait).hex);
    }
    if (!layers) {
        notes.push_back("no record of '" + image +
                        "' is in the cache: build it on this machine to see what wrote its files");
        return std::nullopt;
    }
    return std::optional<inspect::LayerFolders>(std::in_place, std::move(*layers));
}

void note_closed(const std::optional<inspect::LayerFolders>& origin,
                 std::vector<std::string>& notes) {
    if (origin && origin->closed_layer()) {
        notes.push_back("the layer of '" + *origin->closed_layer() +
                        "' is gone or closed to this user: some files are told without a hook");
    }
}

class DiffCommand : public Command {
public:
    void define(CLI::App& app) override {
        app.add_option("A", images_.a, "The one image: a disk, an archive, a squashfs or a folder")
            ->required();
        app.add_option("B", images_.b, "The other image")->required();
        app.add_flag("--json", json_, "Print one JSON object");
        app.add_flag("--layers", layers_, "Tell the hook that wrote each differing file");
        app.add_flag("--ignore-times", ignore_times_, "Do not compare times of files");
        app.add_option("--only", only_, "Compare files, packages or layout only")
            ->delimiter(',')
            ->allow_extra_args(false)
            ->check(CLI::IsMember({"files", "packages", "layout"}));
        app.add_option("--limit", limit_, "Files to show, 0 for all [50]")
            ->check(CLI::NonNegativeNumber);
        app.add_option("--image-cache", image_cache_, "Where --layers looks [~/.cache/kiln]");
        app.add_option("--work-dir", work_directory_, "Where disks are unpacked [/var/tmp]");
        app.add_flag("-q,--quiet", quiet_, "Show nothing but errors and the result");
    }

    int run() override {
        try {
            return compare();
        } catch (const util::Interrupted&) {
            throw;
        } catch (const std::exception& error) {
            throw_as_trouble(error);
        }
    }

private:
    int compare() {
        util::SignalWatch signals;
        const auto on_wait = [&signals] {
            if (const auto number = signals.take()) {
                throw util::Interrupted(*number);
            }
        };
        inspect::Comparison found = read(on_wait);
        if (layers_) {
            tell_layers(found, on_wait);
        }
        std::cout << (json_ ? inspect::comparison_json(images_, found)
                            : inspect::comparison_text(images_, found, {.limit = limit_}));
        std::cout.flush();
        return found.differs() ? k_differ : 0;
    }

    inspect::Comparison read(const std::function<void()>& on_wait) {
        process::PosixRunner runner;
        report::FanOut reporters;
        if (!quiet_) {
            const auto style = ::isatty(STDERR_FILENO) != 0 ? report::TerminalStyle::live
                                                            : report::TerminalStyle::plain;
            reporters.add(std::make_unique<report::TerminalReporter>(
                STDERR_FILENO, style, report::TerminalReporter::OutputLevel::summary));
        }
        const check::Scratch scratch(work_directory_);
        inspect::Comparer comparer({.scratch = scratch.path(),
                                    .accelerator = [&] { return accelerator(runner); },
                                    .appliance_cache = cache_folder() / "base-images/appliance",
                                    .on_wait = on_wait},
                                   runner,
                                   reporters);
        return comparer.run(images_, parts());
    }

    static base::ApplianceAccelerator accelerator(process::Runner& runner) {
        const auto found = check::choose_accelerator(check::kvm_memory(default_state()), runner);
        return found == check::Accelerator::kvm ? base::ApplianceAccelerator::kvm
                                                : base::ApplianceAccelerator::tcg;
    }

    [[nodiscard]] inspect::Parts parts() const {
        const auto wants = [this](const char* part) {
            return only_.empty() || std::find(only_.begin(), only_.end(), part) != only_.end();
        };
        return {.layout = wants("layout"),
                .packages = wants("packages"),
                .files = wants("files"),
                .times = ignore_times_ ? inspect::Times::ignored : inspect::Times::compared};
    }

    [[nodiscard]] fs::path cache_folder() const {
        const process::Environment caller = caller_environment();
        const auto variable = caller.find("DIB_IMAGE_CACHE");
        if (!image_cache_.empty() || variable == caller.end() || variable->second.empty()) {
            return absolute_path(image_cache_.empty() ? default_cache() : image_cache_);
        }
        return absolute_path(variable->second);
    }

    void tell_layers(inspect::Comparison& found, const std::function<void()>& on_wait) const {
        const fs::path cache = cache_folder();
        auto a = origin_of(cache, images_.a, on_wait, found.notes);
        auto b = origin_of(cache, images_.b, on_wait, found.notes);
        inspect::tell_writers(found, a ? &*a : nullptr, b ? &*b : nullptr);
        note_closed(a, found.notes);
        note_closed(b, found.notes);
    }

    inspect::Pair images_;
    bool json_ = false;
    bool layers_ = false;
    bool ignore_times_ = false;
    bool quiet_ = false;
    std::vector<std::string> only_;
    std::size_t limit_ = 50;
    std::string image_cache_;
    std::string work_directory_ = "/var/tmp";
};

} // namespace

std::unique_ptr<Command> make_diff_command() {
    return std::make_unique<DiffCommand>();
}

} // namespace kiln::cli
