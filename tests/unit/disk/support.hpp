#pragma once

#include "disk/layout.hpp"
#include "process/command.hpp"
#include "process/posix_runner.hpp"
#include "process/tool_check.hpp"
#include "util/error.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

namespace kiln::tests {

inline disk::Layout layout_of(const std::string& yaml, const disk::LayoutDefaults& defaults = {}) {
    return disk::parse_layout(config::parse_yaml(yaml, "layout.yaml"), defaults);
}

/// The error that an action throws; fails the test when there is none.
inline util::ErrorInfo error_of(const std::function<void()>& action) {
    try {
        action();
    } catch (const util::Error& error) {
        return error.info();
    }
    ADD_FAILURE() << "no error was thrown";
    return {};
}

/// Output of a program that must succeed.
inline std::string output_of(const std::vector<std::string>& argv) {
    process::PosixRunner runner;
    const process::Result result =
        runner.run({.argv = argv, .environment = process::tool_environment()});
    EXPECT_EQ(result.exit_code, 0) << argv.front() << ": " << result.out << result.err;
    return result.out + result.err;
}

inline bool have(const std::string& program) {
    return process::find_program(program, process::tool_environment()).has_value();
}

} // namespace kiln::tests

/// Skips the test with a reason when a program is absent.
#define KILN_NEEDS(program)                                                                        \
    do {                                                                                           \
        if (!kiln::tests::have(program)) {                                                         \
            GTEST_SKIP() << (program) << " is not installed";                                      \
        }                                                                                          \
    } while (false)
