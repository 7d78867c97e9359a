#pragma once

#include "folder_server.hpp"
#include "workspace.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace kiln::tests {

/// A place of base images on 127.0.0.1 (tests/support/image_server.py), with a signed checksum
/// list, and the keys that sign it.
class BaseMirror {
public:
    explicit BaseMirror(Workspace& space);
    BaseMirror(const BaseMirror&) = delete;
    BaseMirror& operator=(const BaseMirror&) = delete;
    BaseMirror(BaseMirror&&) = delete;
    BaseMirror& operator=(BaseMirror&&) = delete;
    ~BaseMirror();

    [[nodiscard]] std::string url() const { return server_.url(); }

    /// Of the key that publish() signs with, and of one that it does not.
    [[nodiscard]] std::string keyring() const { return folder("keys") + "/signer.gpg"; }

    [[nodiscard]] std::string other_keyring() const { return folder("keys") + "/other.gpg"; }

    /// Makes a small system, with a file /marker that says so, as NAME: an ext4 file system, or a
    /// tar.xz by its name. Lists and signs it.
    void publish(const std::string& name, const std::string& marker);

    /// Writes SHA256SUMS anew, and signs it as "signer" or "other".
    void list(const std::string& signer = "signer");

    /// The same with the signature around the list.
    void list_inline();

    /// A served file as it is on the disk.
    [[nodiscard]] std::string file(const std::string& name) const { return folder("srv/" + name); }

    /// As FolderServer has them.
    void fault(const std::string& line) { server_.fault(line); }

    void heal() { server_.heal(); }

    [[nodiscard]] int answers(const std::string& name, int status = 0) const {
        return server_.answers(name, status);
    }

    [[nodiscard]] std::vector<std::string> log() const { return server_.log(); }

private:
    [[nodiscard]] std::string folder(const std::string& name) const {
        return (directory_.path() / name).string();
    }

    void make_key(const std::string& name);

    util::TempDir directory_{"/var/tmp", "kiln-mirror-"};
    FolderServer server_{directory_.path()};
};

} // namespace kiln::tests
