#pragma once

#include "chain/run_view.hpp"
#include "report/reporter.hpp"

#include <chrono>
#include <list>
#include <map>
#include <string>

namespace kiln::cli {

/// A line for each step of each image, for files and CI.
class LinesView : public chain::RunView {
public:
    /// The descriptor stays the caller's.
    explicit LinesView(int fd) : fd_(fd) {}

    void started(const std::string& image) override;
    void
    event(const std::string& image, const std::string& stage, const report::Event& event) override;
    void ended(const chain::ImageOutcome& outcome) override;

private:
    void print(const std::string& line);

    int fd_;
    std::map<std::string, std::string> stages_{};
};

/// For a terminal: a table of the running images that changes in place, and above it a line for
/// each that has ended and each warning.
class TableView : public chain::RunView {
public:
    explicit TableView(int fd) : fd_(fd) {}

    TableView(const TableView&) = delete;
    TableView& operator=(const TableView&) = delete;
    TableView(TableView&&) = delete;
    TableView& operator=(TableView&&) = delete;

    ~TableView() override { clear(); }

    void started(const std::string& image) override;
    void
    event(const std::string& image, const std::string& stage, const report::Event& event) override;
    void ended(const chain::ImageOutcome& outcome) override;
    void tick() override;

private:
    struct Row {
        std::string image;
        std::string stage{};
        std::string step{};
        std::string progress{};
        std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now();
    };

    Row& row(const std::string& image);
    void print(const std::string& line);
    void clear();
    void draw();

    int fd_;
    std::list<Row> rows_{};
    std::size_t drawn_lines_ = 0;
    std::chrono::steady_clock::time_point drawn_{};
};

/// Events as JSON lines, each with its image and stage.
class JsonView : public chain::RunView {
public:
    explicit JsonView(int fd) : fd_(fd) {}

    void started(const std::string& image) override;
    void
    event(const std::string& image, const std::string& stage, const report::Event& event) override;
    void ended(const chain::ImageOutcome& outcome) override;

private:
    int fd_;
};

/// Says nothing.
class SilentView : public chain::RunView {
public:
    void started(const std::string& /*image*/) override {}

    void event(const std::string& /*image*/,
               const std::string& /*stage*/,
               const report::Event& /*event*/) override {}

    void ended(const chain::ImageOutcome& /*outcome*/) override {}
};

} // namespace kiln::cli
