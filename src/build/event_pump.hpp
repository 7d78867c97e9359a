#pragma once

#include "build/wire.hpp"
#include "sandbox/session.hpp"
#include "util/signal.hpp"

namespace kiln::build {

/// Brings events from the worker to the reporters, watches for signals and for the worker's end.
class EventPump {
public:
    EventPump() = default;

    /// The descriptor that the worker writes to.
    [[nodiscard]] int worker_end() const noexcept { return pipe_.write.get(); }

    /// Until the worker has ended: its exit code. Throws Interrupted on a signal.
    int run(sandbox::Session& session, report::Reporter& reporter);

    [[nodiscard]] const WireEnd& end() const noexcept { return end_; }

private:
    enum class Stream { more, empty, at_end };

    void wait();
    /// Hands on one chunk of what has come, so that no flood of events holds back a signal.
    Stream read_some(report::Reporter& reporter);
    void receive_lines(report::Reporter& reporter);

    util::SignalWatch signals_;
    util::Pipe pipe_ = util::make_pipe();
    std::string rest_;
    WireEnd end_;
};

} // namespace kiln::build
