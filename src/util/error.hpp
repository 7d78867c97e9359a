#pragma once

#include <exception>
#include <string>
#include <vector>

namespace kiln::util {

/// The exit codes of the program; stable, documented in kiln(1).
enum class ExitCode {
    ok = 0,
    failed = 1,
    usage = 2,
    hook = 3,
    tool = 4,
    remote = 5,
    test = 6,
    partial = 7
};

/// The parts of an error message.
struct ErrorInfo {
    /// The fact: lower case, 'quoted' names, errno text last.
    std::string what;
    /// The one next thing to do, as a command where possible; may be empty.
    std::string hint{};
    ExitCode code = ExitCode::failed;
    /// Where it happened, outermost place first.
    std::vector<std::string> where{};
    /// File with the full output, where there is one.
    std::string log{};
    /// Lines to show above the message (the last output of a hook).
    std::vector<std::string> excerpt{};
};

/// "Stop and tell": unwinds to the catch-all of the command line, which prints it.
class Error : public std::exception {
public:
    explicit Error(ErrorInfo info);

    [[nodiscard]] const char* what() const noexcept override { return info_.what.c_str(); }

    [[nodiscard]] const ErrorInfo& info() const noexcept { return info_; }

    /// Adds an outer place while unwinding.
    void add_context(std::string place);

private:
    ErrorInfo info_;
};

/// The parts of any exception: an Error's own; of others what can be said of them.
ErrorInfo info_of(const std::exception& error);

/// Throws Error with the text of the current errno appended to what.
[[noreturn]] void throw_errno(std::string what);

/// The same with further parts given.
[[noreturn]] void throw_errno(ErrorInfo info);

/// Runs action; an Error that leaves it gets the place added.
template <typename Action>
decltype(auto) with_context(std::string place, Action&& action) {
    try {
        return std::forward<Action>(action)();
    } catch (Error& error) {
        error.add_context(std::move(place));
        throw;
    }
}

} // namespace kiln::util
