#include "folder_server.hpp"

#include "util/fd.hpp"
#include "util/text.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>

namespace kiln::tests {

namespace fs = std::filesystem;
using std::chrono::seconds;

FolderServer::FolderServer(fs::path folder) : folder_(std::move(folder)) {
    for (const char* name : {"srv", "state"}) {
        fs::create_directories(file(name));
    }
    server_.emplace_back(
        Program{.argv = {"python3",
                         std::string(KILN_SOURCE_DIR) + "/tests/support/image_server.py",
                         file("srv"),
                         file("state")},
                .environment = {{"PATH", "/usr/bin:/bin"}, {"PYTHONDONTWRITEBYTECODE", "1"}},
                .directory = folder_,
                .output_prefix = file("server")});
    const bool started = comes_true(seconds(20), [&] {
        return fs::exists(file("state/port")) && fs::file_size(file("state/port")) > 0;
    });
    EXPECT_TRUE(started) << server_.front().error_so_far();
    port_ = started ? util::trim(util::read_file(file("state/port"))) : "";
}

void FolderServer::fault(const std::string& line) const {
    const std::string path = file("state/faults");
    const util::Fd fd = util::open_file(path, O_WRONLY | O_CREAT | O_APPEND);
    util::write_all(fd.get(), line + "\n", path);
}

void FolderServer::heal() const {
    fs::remove(file("state/faults"));
}

std::vector<std::string> FolderServer::log() const {
    const auto lines_of = [this](const std::string& name) {
        const std::string path = file("state/" + name);
        return fs::exists(path) ? util::last_lines(util::read_file(path), 1000)
                                : std::vector<std::string>{};
    };
    // A client may be done before the server has written down that it is.
    [[maybe_unused]] const bool settled =
        comes_true(seconds(2), [&] { return lines_of("log").size() == lines_of("begun").size(); });
    return lines_of("log");
}

int FolderServer::answers(const std::string& name, int status) const {
    const std::string wanted = "/" + name + " " + (status == 0 ? "" : std::to_string(status) + " ");
    int count = 0;
    for (const std::string& line : log()) {
        count += line.rfind(wanted, 0) == 0 ? 1 : 0;
    }
    return count;
}

} // namespace kiln::tests
