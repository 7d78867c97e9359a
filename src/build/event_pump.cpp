#include "build/event_pump.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace kiln::build {
namespace {

constexpr int k_tick_milliseconds = 100;

} // namespace

int EventPump::run(sandbox::Session& session, report::Reporter& reporter) {
    pipe_.write.reset();
    ::fcntl(pipe_.read.get(), F_SETFL, O_NONBLOCK);
    while (true) {
        wait();
        const std::optional<int> signal = signals_.take();
        // While a shell has the terminal, Ctrl-C is meant for that.
        if (signal && !(end_.paused && *signal == SIGINT)) {
            throw util::Interrupted(*signal);
        }
        const bool ended = session.poll().has_value();
        const Stream stream = read_some(reporter);
        if (stream == Stream::at_end || (stream == Stream::empty && ended)) {
            break;
        }
        reporter.tick();
    }
    return session.wait();
}

void EventPump::wait() {
    std::array<pollfd, 2> fds = {{{pipe_.read.get(), POLLIN, 0}, {signals_.fd(), POLLIN, 0}}};
    ::poll(fds.data(), fds.size(), k_tick_milliseconds);
}

EventPump::Stream EventPump::read_some(report::Reporter& reporter) {
    std::array<char, 65536> buffer{};
    const ssize_t count = ::read(pipe_.read.get(), buffer.data(), buffer.size());
    if (count < 0) {
        return errno == EAGAIN || errno == EINTR ? Stream::empty : Stream::at_end;
    }
    rest_.append(buffer.data(), static_cast<std::size_t>(count));
    receive_lines(reporter);
    return count == 0 ? Stream::at_end : Stream::more;
}

void EventPump::receive_lines(report::Reporter& reporter) {
    std::size_t start = 0;
    for (std::size_t at = rest_.find('\n'); at != std::string::npos; at = rest_.find('\n', start)) {
        receive(rest_.substr(start, at - start), reporter, end_);
        start = at + 1;
    }
    rest_.erase(0, start);
}

} // namespace kiln::build
