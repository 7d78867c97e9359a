#pragma once

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

    [[nodiscard]] std::string url() const;

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

    /// See image_server.py: "/base.raw cut 1000".
    void fault(const std::string& line);
    void heal();

    /// Answers so far that were of this file, and of those the ones with this status (0: all).
    [[nodiscard]] int answers(const std::string& name, int status = 0) const;
    [[nodiscard]] std::vector<std::string> log() const;

private:
    [[nodiscard]] std::string folder(const std::string& name) const {
        return (directory_.path() / name).string();
    }

    void make_key(const std::string& name);
    void start();

    util::TempDir directory_{"/var/tmp", "kiln-mirror-"};
    std::vector<Running> server_{};
    std::string port_{};
};

} // namespace kiln::tests
