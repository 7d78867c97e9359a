#pragma once

#include "util/fd.hpp"

#include <gtest/gtest.h>

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

namespace kiln::tests {

/// tests/support/http_echo_server.py, ended with the test.
class EchoServer {
public:
    /// With PEM files it speaks https.
    explicit EchoServer(const std::string& certificate = "", const std::string& key = "")
        : scheme_(certificate.empty() ? "http" : "https") {
        util::Pipe pipe = util::make_pipe();
        child_ = ::fork();
        if (child_ == 0) {
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);
            ::dup2(pipe.write.get(), STDOUT_FILENO);
            const std::string script = KILN_SOURCE_DIR "/tests/support/http_echo_server.py";
            const char* first = certificate.empty() ? nullptr : certificate.c_str();
            ::execlp("python3", "python3", script.c_str(), first, key.c_str(), nullptr);
            ::_exit(127);
        }
        pipe.write.reset();
        char letter = 0;
        while (::read(pipe.read.get(), &letter, 1) == 1 && letter != '\n') {
            port_ += letter;
        }
        EXPECT_NE(port_, "") << "the server did not start";
    }

    EchoServer(const EchoServer&) = delete;
    EchoServer& operator=(const EchoServer&) = delete;
    EchoServer(EchoServer&&) = delete;
    EchoServer& operator=(EchoServer&&) = delete;

    ~EchoServer() { stop(); }

    void stop() {
        if (child_ > 0) {
            ::kill(child_, SIGKILL);
            ::waitpid(child_, nullptr, 0);
        }
        child_ = -1;
    }

    [[nodiscard]] std::string url(const std::string& path) const {
        return scheme_ + "://127.0.0.1:" + port_ + path;
    }

private:
    std::string scheme_;
    std::string port_{};
    pid_t child_ = -1;
};

} // namespace kiln::tests
