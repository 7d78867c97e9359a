#pragma once

#include "process/command.hpp"

#include <functional>
#include <vector>

namespace kiln::tests {

/// Remembers every command; answers with what answer gives (by default: success, no output).
class FakeRunner : public process::Runner {
public:
    using Runner::run;

    process::Result run(const process::Command& command,
                        const process::LineHandler& on_line) override;

    std::function<process::Result(const process::Command&)> answer{};
    std::vector<process::Command> commands{};
};

} // namespace kiln::tests
