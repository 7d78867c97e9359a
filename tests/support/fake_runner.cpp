#include "support/fake_runner.hpp"

#include "util/text.hpp"

namespace kiln::tests {

process::Result FakeRunner::run(const process::Command& command,
                                const process::LineHandler& on_line) {
    commands.push_back(command);
    process::Result result = answer ? answer(command) : process::Result{};
    if (on_line) {
        for (const std::string& line : util::last_lines(result.out, result.out.size())) {
            on_line(process::Stream::out, line);
        }
    }
    return result;
}

} // namespace kiln::tests
