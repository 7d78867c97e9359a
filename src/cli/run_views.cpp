#include "cli/run_views.hpp"

#include "report/progress_text.hpp"
#include "util/output.hpp"
#include "util/text.hpp"

#include <nlohmann/json.hpp>

#include <sys/ioctl.h>

#include <algorithm>

namespace kiln::cli {
namespace {

using chain::ImageOutcome;
using chain::Standing;
using report::Event;
using report::EventKind;

constexpr std::chrono::milliseconds k_redraw{200};

std::string end_line(const ImageOutcome& outcome) {
    const bool failed = outcome.standing == Standing::failed;
    std::string line =
        outcome.name + ": " +
        (failed ? "FAILED in " + outcome.failed_stage : chain::standing_word(outcome.standing));
    if (failed && outcome.error) {
        line += ": " + outcome.error->what;
    }
    if (outcome.standing != Standing::interrupted) {
        line += " (" + util::human_duration(outcome.elapsed) + ")";
    }
    return line;
}

std::string step_of(const Event& event) {
    const std::string name = event.hook.empty() ? event.stage : event.element + "/" + event.hook;
    return name.empty() ? event.text : name;
}

winsize terminal_size(int fd) {
    winsize size = {};
    if (::ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) {
        size.ws_col = 80;
        size.ws_row = 24;
    }
    return size;
}

} // namespace

void LinesView::print(const std::string& line) {
    util::write_unless_ended(fd_, line + "\n");
}

void LinesView::started(const std::string& image) {
    print(image + ": begins");
}

void LinesView::event(const std::string& image, const std::string& stage, const Event& event) {
    if (stages_[image] != stage) {
        stages_[image] = stage;
        print(image + ": " + stage);
    }
    if (event.kind == EventKind::begin && event.hook.empty()) {
        print(image + ": " + stage + ": " + step_of(event));
    } else if (event.kind == EventKind::info && stage == "publish") {
        print(image + ": " + event.text);
    } else if (event.kind == EventKind::warning) {
        print(image + ": warning: " + event.text);
    }
}

void LinesView::ended(const ImageOutcome& outcome) {
    print(end_line(outcome));
}

TableView::Row& TableView::row(const std::string& image) {
    const auto found = std::find_if(
        rows_.begin(), rows_.end(), [&](const Row& row) { return row.image == image; });
    return found != rows_.end() ? *found : rows_.emplace_back(Row{.image = image});
}

void TableView::started(const std::string& image) {
    row(image);
    draw();
}

void TableView::event(const std::string& image, const std::string& stage, const Event& event) {
    Row& row = this->row(image);
    row.stage = stage;
    if (event.kind == EventKind::begin) {
        row.step = step_of(event);
        row.progress.clear();
    } else if (event.kind == EventKind::progress) {
        row.progress = report::progress_text(event.done, event.total, event.elapsed);
    } else if (event.kind == EventKind::warning) {
        print(image + ": warning: " + event.text);
    }
}

void TableView::ended(const ImageOutcome& outcome) {
    rows_.remove_if([&](const Row& row) { return row.image == outcome.name; });
    print(end_line(outcome));
}

void TableView::tick() {
    if (std::chrono::steady_clock::now() - drawn_ >= k_redraw && util::takes_output(fd_)) {
        draw();
    }
}

void TableView::print(const std::string& line) {
    clear();
    util::write_unless_ended(fd_, line + "\n");
    draw();
}

void TableView::clear() {
    if (drawn_lines_ > 0) {
        util::write_unless_ended(fd_, "\r\033[" + std::to_string(drawn_lines_) + "A\033[J");
        drawn_lines_ = 0;
    }
}

void TableView::draw() {
    clear();
    drawn_ = std::chrono::steady_clock::now();
    std::size_t widest = 0;
    for (const Row& row : rows_) {
        widest = std::max(widest, row.image.size());
    }
    const winsize size = terminal_size(fd_);
    // What has left the screen cannot be drawn again.
    const std::size_t most = size.ws_row > 1 ? size.ws_row - 1U : 1U;
    std::string text;
    for (const Row& row : rows_) {
        if (drawn_lines_ == most) {
            break;
        }
        ++drawn_lines_;
        const auto elapsed =
            std::chrono::duration_cast<std::chrono::milliseconds>(drawn_ - row.start);
        std::string line = "  " + row.image + std::string(widest - row.image.size() + 2, ' ');
        line += row.stage + std::string(row.stage.size() < 9 ? 9 - row.stage.size() : 1, ' ');
        line += util::human_duration(elapsed) + "  " + row.step +
                (row.progress.empty() ? "" : "  " + row.progress);
        text += line.substr(0, size.ws_col - 1U) + "\n";
    }
    util::write_unless_ended(fd_, text);
}

void JsonView::started(const std::string& image) {
    const nlohmann::ordered_json line = {{"image", image}, {"event", "started"}};
    util::write_unless_ended(fd_, line.dump() + "\n");
}

void JsonView::event(const std::string& image, const std::string& stage, const Event& event) {
    nlohmann::ordered_json line = {{"image", image}, {"chain", stage}};
    line.update(nlohmann::ordered_json::parse(report::to_json(event)));
    util::write_unless_ended(fd_, line.dump() + "\n");
}

void JsonView::ended(const ImageOutcome& outcome) {
    const nlohmann::ordered_json line = {{"image", outcome.name},
                                         {"event", "ended"},
                                         {"result", chain::standing_word(outcome.standing)}};
    util::write_unless_ended(fd_, line.dump() + "\n");
}

} // namespace kiln::cli
