#include "disk/ordered_work.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <numeric>
#include <stdexcept>
#include <string>

namespace kiln::disk {
namespace {

using Work = OrderedWork<std::size_t>;

/// Later work is often ready sooner.
void double_slowly(std::size_t index, std::size_t& slot) {
    std::this_thread::sleep_for(std::chrono::microseconds((index * 7919) % 300));
    slot = 2 * index;
}

Work::Produce make_doubler() {
    return double_slowly;
}

std::string error_of_run(std::size_t count,
                         const std::function<Work::Produce()>& make,
                         const Work::Consume& consume) {
    try {
        Work(count).run(3, make, consume);
    } catch (const std::runtime_error& error) {
        return error.what();
    }
    return "none";
}

TEST(OrderedWork, hands_on_all_results_in_order) {
    for (const std::size_t threads : {1U, 2U, 5U}) {
        std::vector<std::size_t> seen;
        Work(200).run(threads, make_doubler, [&](std::size_t& slot) { seen.push_back(slot / 2); });
        std::vector<std::size_t> all(200);
        std::iota(all.begin(), all.end(), 0);
        EXPECT_EQ(seen, all) << threads;
    }
}

TEST(OrderedWork, without_work_ends_at_once) {
    Work(0).run(4, make_doubler, [](std::size_t&) { FAIL() << "there is no result"; });
}

TEST(OrderedWork, does_not_run_ahead_of_a_slow_consumer) {
    std::atomic<std::size_t> made = 0;
    std::size_t consumed = 0;
    const auto make = [&]() -> Work::Produce { return [&](std::size_t, std::size_t&) { ++made; }; };
    Work(100).run(2, make, [&](std::size_t&) {
        std::this_thread::sleep_for(std::chrono::microseconds(200));
        EXPECT_LE(made, consumed + 2 * Work::k_slots_of_thread);
        ++consumed;
    });
    EXPECT_EQ(made, 100U);
}

TEST(OrderedWork, throws_what_a_thread_throws) {
    const auto fail_at_30 = []() -> Work::Produce {
        return [](std::size_t index, std::size_t&) {
            if (index == 30) {
                throw std::runtime_error("thirty");
            }
        };
    };
    EXPECT_EQ(error_of_run(1000, fail_at_30, [](std::size_t&) {}), "thirty");
}

TEST(OrderedWork, throws_when_no_tools_can_be_made) {
    const auto fail = []() -> Work::Produce { throw std::runtime_error("no tools"); };
    EXPECT_EQ(error_of_run(10, fail, [](std::size_t&) {}), "no tools");
}

TEST(OrderedWork, ends_its_threads_when_the_consumer_throws) {
    std::atomic<int> tools = 0;

    struct Tool {
        std::atomic<int>& count;

        explicit Tool(std::atomic<int>& counter) : count(counter) { ++count; }

        Tool(const Tool&) = delete;
        Tool& operator=(const Tool&) = delete;
        Tool(Tool&&) = delete;
        Tool& operator=(Tool&&) = delete;

        ~Tool() { --count; }
    };

    const auto make = [&]() -> Work::Produce {
        return [tool = std::make_shared<Tool>(tools)](std::size_t index, std::size_t& slot) {
            double_slowly(index, slot);
        };
    };
    const auto full = [](const std::size_t& slot) {
        if (slot == 20) {
            throw std::runtime_error("full");
        }
    };
    EXPECT_EQ(error_of_run(1000, make, full), "full");
    EXPECT_EQ(tools, 0);
}

} // namespace
} // namespace kiln::disk
