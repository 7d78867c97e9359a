#include "cli/store_work.hpp"

#include "cli/print_error.hpp"
#include "util/error.hpp"
#include "util/signal.hpp"

#include <poll.h>

#include <atomic>
#include <chrono>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>

namespace kiln::cli {
namespace {

constexpr std::chrono::milliseconds k_slice{100};

/// The signal that ends all work; the threads see it where they wait.
class Ending {
public:
    void look() {
        if (const std::optional<int> number = watch_.take()) {
            number_ = *number;
        }
    }

    void throw_if_ended() const {
        if (number_ != 0) {
            throw util::Interrupted(number_);
        }
    }

private:
    util::SignalWatch watch_{};
    std::atomic<int> number_{0};
};

/// Several threads tell of their work. Progress is where a thread that never waits learns that it
/// is to end.
class SharedReporter : public report::Reporter {
public:
    SharedReporter(report::Reporter& next, const Ending& ending) : next_(next), ending_(ending) {}

    void handle(const report::Event& event) override {
        if (event.kind == report::EventKind::progress) {
            ending_.throw_if_ended();
        }
        const std::lock_guard<std::mutex> lock(mutex_);
        next_.handle(event);
    }

    void tick() override {
        const std::lock_guard<std::mutex> lock(mutex_);
        next_.tick();
    }

private:
    report::Reporter& next_;
    const Ending& ending_;
    std::mutex mutex_{};
};

class Workers {
public:
    using Work = std::function<void(store::ImageStore&, report::Reporter&, std::size_t)>;

    Workers(const std::vector<StoreTarget>& targets, report::Reporter& reporter, const Work& work)
        : targets_(targets), reporter_(reporter, ending_), work_(work), errors_(targets.size()) {}

    std::vector<std::exception_ptr> run() {
        std::vector<std::thread> threads;
        left_ = targets_.size();
        for (std::size_t index = 0; index < targets_.size(); ++index) {
            threads.emplace_back([this, index] { run_one(index); });
        }
        while (left_ > 0) {
            ending_.look();
            reporter_.tick();
            std::this_thread::sleep_for(k_slice / 10);
        }
        for (std::thread& thread : threads) {
            thread.join();
        }
        ending_.throw_if_ended();
        return std::move(errors_);
    }

private:
    void run_one(std::size_t index) noexcept {
        try {
            const auto on_wait = [this] { ending_.throw_if_ended(); };
            const std::unique_ptr<store::ImageStore> store =
                targets_[index].open(reporter_, on_wait);
            util::with_context(store->describe(), [&] { work_(*store, reporter_, index); });
        } catch (...) {
            errors_[index] = std::current_exception();
        }
        --left_;
    }

    const std::vector<StoreTarget>& targets_;
    Ending ending_{};
    SharedReporter reporter_;
    const Work& work_;
    std::vector<std::exception_ptr> errors_;
    std::atomic<std::size_t> left_{0};
};

util::ErrorInfo info_of(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const std::exception& known) {
        return util::info_of(known);
    }
}

} // namespace

int work_on(const std::vector<StoreTarget>& targets,
            report::Reporter& reporter,
            const std::function<void(store::ImageStore&, report::Reporter&, std::size_t)>& work) {
    const std::vector<std::exception_ptr> ends = Workers(targets, reporter, work).run();
    std::vector<util::ErrorInfo> errors;
    for (const std::exception_ptr& end : ends) {
        if (end && targets.size() == 1) {
            std::rethrow_exception(end);
        }
        if (end) {
            errors.push_back(info_of(end));
            print_error(errors.back());
        }
    }
    if (errors.empty()) {
        return 0;
    }
    return static_cast<int>(errors.size() == targets.size() ? errors.front().code
                                                            : util::ExitCode::partial);
}

} // namespace kiln::cli
