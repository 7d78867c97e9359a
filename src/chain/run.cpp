#include "chain/run.hpp"

#include "chain/image_process.hpp"
#include "util/atomic_file.hpp"
#include "util/error.hpp"
#include "util/fd.hpp"
#include "util/signal.hpp"
#include "util/text.hpp"
#include "util/utc_time.hpp"

#include <poll.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <list>

namespace kiln::chain {
namespace {

using std::chrono::steady_clock;

constexpr int k_slice_ms = 100;

class Run {
public:
    Run(const RunDefinition& run, const RunOptions& options, const Caller& caller, RunView& view)
        : run_(run), options_(options), caller_(caller), view_(view) {
        outcome_.file = run.path;
        outcome_.started = util::iso_time(std::time(nullptr));
        for (const ImageDefinition& image : run.images) {
            waiting_.push_back({image.name, memory_of(image, caller)});
        }
    }

    RunOutcome work() {
        while (!running_.empty() || (!waiting_.empty() && !signal_)) {
            start_what_fits();
            wait();
            look_for_signals();
            view_.tick();
        }
        for (const Demand& demand : waiting_) {
            outcome_.images.push_back({.name = demand.name, .standing = Standing::interrupted});
        }
        outcome_.signal = signal_;
        conclude();
        return std::move(outcome_);
    }

private:
    [[nodiscard]] const ImageDefinition& definition(const std::string& name) const {
        return *std::find_if(run_.images.begin(), run_.images.end(), [&](const auto& image) {
            return image.name == name;
        });
    }

    void start_what_fits() {
        while (!signal_) {
            const std::size_t next = next_to_start(waiting_, demands_, options_.limits);
            if (next == waiting_.size()) {
                return;
            }
            const ImageDefinition& image = definition(waiting_[next].name);
            demands_.push_back(waiting_[next]);
            waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(next));
            running_.emplace_back(
                image,
                [&](const ChainTools& tools) {
                    return run_image(image, run_, options_.chain, tools);
                },
                caller_,
                view_);
        }
    }

    void wait() {
        std::vector<pollfd> fds = {{signals_.fd(), POLLIN, 0}};
        for (const ImageProcess& process : running_) {
            fds.push_back({process.output(), POLLIN, 0});
        }
        if (::poll(fds.data(), fds.size(), k_slice_ms) <= 0) {
            return;
        }
        auto process = running_.begin();
        for (std::size_t index = 1; index < fds.size(); ++index) {
            const bool has_ended = fds[index].revents != 0 && !process->read_some();
            const auto current = process++;
            if (has_ended) {
                end(current);
            }
        }
    }

    void end(std::list<ImageProcess>::iterator process) {
        ImageOutcome outcome = process->finish();
        view_.ended(outcome);
        outcome_.images.push_back(std::move(outcome));
        demands_.erase(std::find_if(demands_.begin(), demands_.end(), [&](const Demand& demand) {
            return demand.name == process->name();
        }));
        running_.erase(process);
    }

    /// The first asks all to end; they clean up. Another one does not wait for that.
    void look_for_signals() {
        const std::optional<int> number = signals_.take();
        if (!number) {
            return;
        }
        if (signal_) {
            for (const ImageProcess& process : running_) {
                outcome_.images.push_back(
                    {.name = process.name(), .standing = Standing::interrupted});
            }
            running_.clear();
            return;
        }
        signal_ = number;
        for (const ImageProcess& process : running_) {
            process.ask_to_end();
        }
    }

    void conclude() {
        const auto place = [&](const ImageOutcome& outcome) {
            return std::find_if(run_.images.begin(), run_.images.end(), [&](const auto& image) {
                return image.name == outcome.name;
            });
        };
        std::sort(outcome_.images.begin(),
                  outcome_.images.end(),
                  [&](const auto& a, const auto& b) { return place(a) < place(b); });
        outcome_.elapsed =
            std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now() - start_);
        const std::filesystem::path output = run_.output;
        try {
            util::write_file_atomically((output / "result.json").string(), to_json(outcome_));
            util::write_file_atomically((output / "junit.xml").string(), to_junit(outcome_));
        } catch (const util::Error& error) {
            // What was done is to be told nevertheless.
            outcome_.error = error.info();
        }
    }

    const RunDefinition& run_;
    const RunOptions& options_;
    const Caller& caller_;
    RunView& view_;
    util::SignalWatch signals_{};
    std::optional<int> signal_{};
    std::vector<Demand> waiting_{};
    std::vector<Demand> demands_{};
    std::list<ImageProcess> running_{};
    RunOutcome outcome_{};
    steady_clock::time_point start_ = steady_clock::now();
};

} // namespace

RunOutcome run_images(const RunDefinition& run,
                      const RunOptions& options,
                      const Caller& caller,
                      RunView& view) {
    std::error_code failed;
    std::filesystem::create_directories(run.output, failed);
    if (failed) {
        throw util::Error(
            {.what = "cannot make the output folder '" + run.output + "': " + failed.message(),
             .hint = "choose another one: --output DIR"});
    }
    return Run(run, options, caller, view).work();
}

std::uint64_t usable_memory() {
    constexpr std::uint64_t k_kib = 1024;
    for (const std::string& line : util::split(util::read_file("/proc/meminfo"), '\n')) {
        const std::vector<std::string> words = util::split_words(line);
        if (words.size() >= 2 && words[0] == "MemAvailable:") {
            return std::strtoull(words[1].c_str(), nullptr, 10) / k_kib * 4 / 5;
        }
    }
    return k_kib;
}

} // namespace kiln::chain
