#include "report/timings.hpp"

#include "util/text.hpp"

#include <algorithm>

namespace kiln::report {
namespace {

std::string padded(std::string text, std::size_t width) {
    text.resize(std::max(width, text.size()), ' ');
    return text;
}

std::string right_aligned(const std::string& text, std::size_t width) {
    return std::string(width - std::min(width, text.size()), ' ') + text;
}

std::string line_of(const std::string& name,
                    std::chrono::milliseconds elapsed,
                    std::chrono::milliseconds total) {
    const auto share = total.count() > 0 ? 100 * elapsed.count() / total.count() : 0;
    return "  " + padded(name, 44) + right_aligned(util::human_duration(elapsed), 12) +
           right_aligned(std::to_string(share) + " %", 7);
}

} // namespace

void Timings::handle(const Event& event) {
    if (event.kind == EventKind::end || event.kind == EventKind::failed) {
        const std::string hook = event.hook.empty() ? "" : event.element + "/" + event.hook;
        rows_.push_back({.stage = event.stage, .hook = hook, .elapsed = event.elapsed});
    }
}

std::vector<std::string> Timings::table() const {
    std::chrono::milliseconds total{};
    for (const Row& row : rows_) {
        total += row.hook.empty() ? row.elapsed : std::chrono::milliseconds{};
    }
    std::vector<std::string> lines;
    for (const Row& stage : rows_) {
        if (!stage.hook.empty()) {
            continue;
        }
        lines.push_back(line_of(stage.stage, stage.elapsed, total));
        for (const Row& hook : rows_) {
            if (hook.stage == stage.stage && !hook.hook.empty() && hook.elapsed * 20 >= total) {
                lines.push_back(line_of("  " + hook.hook, hook.elapsed, total));
            }
        }
    }
    lines.push_back(line_of("total", total, total));
    return lines;
}

} // namespace kiln::report
