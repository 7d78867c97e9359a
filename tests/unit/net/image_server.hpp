#pragma once

#include "unit/util/test_files.hpp"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <thread>

namespace kiln::tests {

/// tests/support/image_server.py for srv/ of the files, ended with the test.
class ImageServer {
public:
    explicit ImageServer(const TestFiles& files) : files_(files) {
        files.directory("srv");
        files.directory("state");
        child_ = ::fork();
        if (child_ == 0) {
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);
            const std::string script = KILN_SOURCE_DIR "/tests/support/image_server.py";
            ::execlp("python3",
                     "python3",
                     script.c_str(),
                     (files / "srv").c_str(),
                     (files / "state").c_str(),
                     nullptr);
            ::_exit(127);
        }
        for (int i = 0; i < 400 && !files.has("state/port"); ++i) {
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
        }
        EXPECT_TRUE(files.has("state/port")) << "the server did not start";
    }

    ImageServer(const ImageServer&) = delete;
    ImageServer& operator=(const ImageServer&) = delete;
    ImageServer(ImageServer&&) = delete;
    ImageServer& operator=(ImageServer&&) = delete;

    ~ImageServer() {
        ::kill(child_, SIGKILL);
        ::waitpid(child_, nullptr, 0);
    }

    [[nodiscard]] std::string url(const std::string& name) const {
        const std::string port = files_.read("state/port");
        return "http://127.0.0.1:" + port.substr(0, port.find('\n')) + "/" + name;
    }

    /// One line for each request that has its answer.
    [[nodiscard]] std::string log() const {
        const auto is_settled = [this] { return lines_in("log") == lines_in("begun"); };
        // A client may be done before the server has written down that it is.
        for (int i = 0; i < 200 && !is_settled(); ++i) {
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
        }
        return files_.has("state/log") ? files_.read("state/log") : "";
    }

private:
    [[nodiscard]] std::ptrdiff_t lines_in(const std::string& name) const {
        const std::string path = "state/" + name;
        const std::string text = files_.has(path) ? files_.read(path) : "";
        return std::count(text.begin(), text.end(), '\n');
    }

    const TestFiles& files_;
    pid_t child_ = -1;
};

} // namespace kiln::tests
