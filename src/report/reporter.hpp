#pragma once

#include "report/event.hpp"

#include <chrono>
#include <string>

namespace kiln::report {

/// Where everything that a user is told goes. Libraries never print.
class Reporter {
public:
    Reporter() = default;
    Reporter(const Reporter&) = delete;
    Reporter& operator=(const Reporter&) = delete;
    Reporter(Reporter&&) = delete;
    Reporter& operator=(Reporter&&) = delete;
    virtual ~Reporter() = default;

    virtual void handle(const Event& event) = 0;

    /// Called about ten times a second while nothing happens: a live line shows the time.
    virtual void tick() {}

    void info(std::string text);
    void warn(std::string text);
};

/// A stage that is under way: begins when made, ends with done(), fails when left otherwise.
class Step {
public:
    Step(Reporter& reporter, Event event);
    Step(Reporter& reporter, std::string stage);
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;
    Step(Step&&) = delete;
    Step& operator=(Step&&) = delete;
    ~Step();

    /// The good end; text says what came of it.
    void done(std::string text = {});

    /// Bytes done so far, of total (0: not known).
    void progress(std::uint64_t done, std::uint64_t total);

private:
    void send(EventKind kind, std::string text);

    Reporter& reporter_;
    Event event_;
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
    bool open_ = true;
};

} // namespace kiln::report
