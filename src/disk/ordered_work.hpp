#pragma once

#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <vector>

namespace kiln::disk {

/// Makes `count` results on several threads and hands them on in their order, on the calling
/// thread. Results are made in slots that are used again, so memory is bounded. All threads have
/// ended when run() returns or throws.
template <typename Result>
class OrderedWork {
public:
    /// Fills result number `index`; the slot may hold an older one.
    using Produce = std::function<void(std::size_t index, Result& slot)>;
    using Consume = std::function<void(Result& slot)>;

    /// Enough that the others go on while one thread waits for a processor.
    static constexpr std::size_t k_slots_of_thread = 8;

    explicit OrderedWork(std::size_t count) : count_(count) {}

    OrderedWork(const OrderedWork&) = delete;
    OrderedWork& operator=(const OrderedWork&) = delete;
    OrderedWork(OrderedWork&&) = delete;
    OrderedWork& operator=(OrderedWork&&) = delete;

    ~OrderedWork() = default;

    /// make_produce is called once for each thread, so that each has tools of its own. What it or
    /// Produce throws, the first of it, is thrown here. May be called once.
    void
    run(std::size_t threads, const std::function<Produce()>& make_produce, const Consume& consume) {
        slots_.resize(k_slots_of_thread * threads);
        ready_.resize(slots_.size());
        const ThreadsEnd guard{*this};
        start_threads(threads, make_produce);
        if (threads_.empty()) {
            run_alone(make_produce(), consume);
            return;
        }
        for (std::size_t index = 0; index < count_; ++index) {
            consume(wait_for(index));
            release(index);
        }
    }

private:
    struct ThreadsEnd {
        OrderedWork& work;

        ~ThreadsEnd() { work.end_threads(); }
    };

    /// A system that allows no further thread makes it slower, not fail.
    void start_threads(std::size_t threads, const std::function<Produce()>& make_produce) {
        try {
            while (threads > 1 && threads_.size() < threads) {
                threads_.emplace_back([this, make_produce] { work(make_produce); });
            }
        } catch (const std::system_error&) {
            return;
        }
    }

    void run_alone(const Produce& produce, const Consume& consume) {
        Result slot;
        for (std::size_t index = 0; index < count_; ++index) {
            produce(index, slot);
            consume(slot);
        }
    }

    void work(const std::function<Produce()>& make_produce) {
        try {
            const Produce produce = make_produce();
            while (const std::optional<std::size_t> index = take()) {
                produce(*index, slots_[*index % slots_.size()]);
                const std::lock_guard lock(mutex_);
                ready_[*index % slots_.size()] = true;
                for_consumer_.notify_one();
            }
        } catch (...) {
            const std::lock_guard lock(mutex_);
            error_ = error_ ? error_ : std::current_exception();
            for_consumer_.notify_one();
        }
    }

    /// The next piece of work, when there is a slot for it.
    std::optional<std::size_t> take() {
        std::unique_lock lock(mutex_);
        for_threads_.wait(
            lock, [&] { return stop_ || next_ == count_ || next_ < consumed_ + slots_.size(); });
        if (stop_ || next_ == count_) {
            return std::nullopt;
        }
        return next_++;
    }

    Result& wait_for(std::size_t index) {
        std::unique_lock lock(mutex_);
        for_consumer_.wait(lock, [&] { return error_ || ready_[index % slots_.size()]; });
        if (error_) {
            std::rethrow_exception(error_);
        }
        return slots_[index % slots_.size()];
    }

    void release(std::size_t index) {
        const std::lock_guard lock(mutex_);
        ready_[index % slots_.size()] = false;
        ++consumed_;
        for_threads_.notify_one();
    }

    void end_threads() {
        {
            const std::lock_guard lock(mutex_);
            stop_ = true;
        }
        for_threads_.notify_all();
        for (std::thread& thread : threads_) {
            thread.join();
        }
        threads_.clear();
    }

    std::size_t count_;
    std::vector<Result> slots_;
    std::mutex mutex_;
    std::condition_variable for_threads_;
    std::condition_variable for_consumer_;
    std::vector<bool> ready_;
    std::size_t next_ = 0;
    std::size_t consumed_ = 0;
    bool stop_ = false;
    std::exception_ptr error_;
    std::vector<std::thread> threads_;
};

} // namespace kiln::disk
