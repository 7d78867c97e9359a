#pragma once

#include "running.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace kiln::tests {

/// tests/support/image_server.py on 127.0.0.1: serves `<folder>/srv`. Stopped when the guard goes.
class FolderServer {
public:
    /// The folder stays the caller's; `srv` and `state` are made in it.
    explicit FolderServer(std::filesystem::path folder);

    [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + port_; }

    /// Connections are refused from now on.
    void stop() { server_.clear(); }

    /// See image_server.py: "/base.raw cut 1000".
    void fault(const std::string& line) const;
    void heal() const;

    /// A line for each answer so far.
    [[nodiscard]] std::vector<std::string> log() const;

    /// Answers so far that were of this file, and of those the ones with this status (0: all).
    [[nodiscard]] int answers(const std::string& name, int status = 0) const;

private:
    [[nodiscard]] std::string file(const std::string& name) const {
        return (folder_ / name).string();
    }

    std::filesystem::path folder_;
    std::vector<Running> server_{};
    std::string port_{};
};

} // namespace kiln::tests
