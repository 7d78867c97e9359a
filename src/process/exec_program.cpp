#include "process/exec_program.hpp"

#include "util/error.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <vector>

namespace kiln::process {
namespace {

using util::Fd;

/// The names of argv and environment in the form that exec wants.
class ExecImage {
public:
    explicit ExecImage(const Command& command) : words_(command.argv) {
        for (const auto& [name, value] : command.environment) {
            variables_.push_back(name);
            variables_.back().append("=").append(value);
        }
        fill(words_, argv_);
        fill(variables_, envp_);
    }

    void exec() { ::execvpe(argv_.front(), argv_.data(), envp_.data()); }

private:
    static void fill(std::vector<std::string>& texts, std::vector<char*>& pointers) {
        for (std::string& text : texts) {
            pointers.push_back(text.data());
        }
        pointers.push_back(nullptr);
    }

    std::vector<std::string> words_;
    std::vector<std::string> variables_;
    std::vector<char*> argv_;
    std::vector<char*> envp_;
};

void restore_signals() {
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGCHLD, SIGQUIT}) {
        ::signal(number, SIG_DFL);
    }
}

void enter_program(const Command& command, const ProgramStreams& streams) {
    if (command.stdio == Stdio::captured) {
        settle_child();
        ::dup2(streams.input, STDIN_FILENO);
        ::dup2(streams.output, STDOUT_FILENO);
        ::dup2(streams.errors, STDERR_FILENO);
    } else {
        restore_signals();
    }
    // Libraries open files without O_CLOEXEC.
    ::close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
    ExecImage image(command);
    if (command.child_setup) {
        command.child_setup();
    }
    if (!command.working_directory.empty() && ::chdir(command.working_directory.c_str()) != 0) {
        util::throw_errno("cannot enter '" + command.working_directory + "'");
    }
    // execvpe looks the program up in the environment of this process.
    const auto path = command.environment.find("PATH");
    ::setenv("PATH", path == command.environment.end() ? "" : path->second.c_str(), 1);
    image.exec();
    util::throw_errno("cannot start '" + command.argv.front() + "'");
}

} // namespace

Fd make_input(const Command& command) {
    if (!command.input) {
        return util::open_file("/dev/null", O_RDONLY);
    }
    Fd fd(::memfd_create("kiln-input", MFD_CLOEXEC));
    if (!fd.valid()) {
        util::throw_errno("cannot make an input for '" + command.argv.front() + "'");
    }
    util::write_all(fd.get(), *command.input, "the input of a program");
    ::lseek(fd.get(), 0, SEEK_SET);
    return fd;
}

void settle_child() {
    restore_signals();
    ::setpgid(0, 0);
}

void become_program(const Command& command, const ProgramStreams& streams) {
    try {
        enter_program(command, streams);
    } catch (const util::Error& error) {
        const std::string text = std::string(error.what()) + "\n" + error.info().hint;
        [[maybe_unused]] const ssize_t count = ::write(streams.failure, text.data(), text.size());
    } catch (const std::exception& error) {
        const std::string text = error.what();
        [[maybe_unused]] const ssize_t count = ::write(streams.failure, text.data(), text.size());
    }
    ::_exit(127);
}

void throw_start_failure(const Command& command, const std::string& message) {
    const std::size_t end = message.find('\n');
    std::string hint = end == std::string::npos ? "" : message.substr(end + 1);
    if (hint.empty()) {
        hint = "is the program installed? the command was: " + to_shell(command);
    }
    throw util::Error({.what = message.substr(0, end), .hint = hint, .code = util::ExitCode::tool});
}

} // namespace kiln::process
