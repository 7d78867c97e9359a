#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::process {

using Environment = std::map<std::string, std::string>;

enum class Stdio { captured, terminal };

/// An external program to run, as a value: tests compare it whole.
struct Command {
    std::vector<std::string> argv;
    /// The whole environment of the program; nothing is inherited.
    Environment environment{};
    std::string working_directory{};
    /// Text for its standard input; without it that is /dev/null.
    std::optional<std::string> input{};
    std::optional<std::chrono::milliseconds> timeout{};
    /// Whether it has the three standard streams of this process instead of pipes, for a shell of
    /// the user's.
    Stdio stdio = Stdio::captured;
    /// CLONE_NEW* flags for the new process.
    unsigned long namespaces = 0;
    /// Runs in the child before exec, after the namespaces were made; may throw Error, which then
    /// reaches the caller of Runner::run.
    std::function<void()> child_setup{};
    /// Asked at least ten times a second while the program runs; true ends it, with all that it
    /// started in its process group.
    std::function<bool()> should_stop{};
    /// What is ended gets SIGTERM first, and so long to end by itself.
    std::chrono::milliseconds stop_grace{0};
};

enum class Stream { out, err };

/// Gets every line of output as it comes, without its line end.
using LineHandler = std::function<void(Stream, std::string_view)>;

/// How a program ended.
struct Result {
    /// 128 + number for a program ended by a signal.
    int exit_code = 0;
    bool timed_out = false;
    /// Ended because should_stop said so.
    bool stopped = false;
    std::string out{};
    std::string err{};
};

class ChildProcess;

/// Starts programs. The one place where that happens, and a seam for tests.
class Runner {
public:
    Runner() = default;
    Runner(const Runner&) = delete;
    Runner& operator=(const Runner&) = delete;
    Runner(Runner&&) = delete;
    Runner& operator=(Runner&&) = delete;
    virtual ~Runner() = default;

    /// Waits for the end. With a handler the output goes there only. Throws Error (code tool) when
    /// the program cannot be started.
    virtual Result run(const Command& command, const LineHandler& on_line) = 0;

    Result run(const Command& command) { return run(command, {}); }

    /// Starts a program that runs beside this process; its output is read from a pipe. Throws Error
    /// when it cannot be started. timeout and should_stop of the command are the caller's to keep.
    virtual std::unique_ptr<ChildProcess> start(const Command& command);

    /// Like run, but every exit code but 0 is an Error (code tool) with the last lines of output.
    Result check(const Command& command);
};

/// The argv as a shell would take it, for messages.
std::string to_shell(const Command& command);

/// What tools run by kiln itself get: PATH, HOME, a C locale, TMPDIR and proxies of the caller.
Environment tool_environment();

} // namespace kiln::process
