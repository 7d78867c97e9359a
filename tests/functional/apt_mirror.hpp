#pragma once

#include "folder_server.hpp"
#include "util/temp_dir.hpp"

#include <string>
#include <vector>

namespace kiln::tests {

/// A signed apt repository (tests/support/apt_repository.py), served on 127.0.0.1.
class AptMirror {
public:
    AptMirror();

    /// Runs a command of apt_repository.py; it must succeed.
    void run(const std::vector<std::string>& words);

    /// Publishes a package in a place ("bookworm main"), a day ago by its date: it has had the time
    /// to reach all mirrors.
    void update(const std::string& place, const std::string& package, const std::string& version);

    /// A line of sources.list for trees of element fake-apt: "bookworm main contrib".
    [[nodiscard]] std::string source(const std::string& suite_and_components) const;

    /// The keyring of the key that signs.
    [[nodiscard]] std::string key() const { return file("key.gpg"); }

    /// A served file or folder as it is on the disk.
    [[nodiscard]] std::string served(const std::string& name) const { return file("srv/" + name); }

    /// Puts an empty file among them.
    void put(const std::string& name) const;

    /// The path of a suite's list, as it stands in the log.
    [[nodiscard]] static std::string list_of(const std::string& suite) {
        return "dists/" + suite + "/InRelease";
    }

    FolderServer& server() { return server_; }

private:
    [[nodiscard]] std::string file(const std::string& name) const {
        return (directory_.path() / name).string();
    }

    util::TempDir directory_{"/var/tmp", "kiln-apt-"};
    FolderServer server_{directory_.path()};
};

} // namespace kiln::tests
