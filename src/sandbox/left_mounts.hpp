#pragma once

#include "util/fd.hpp"
#include "util/root_dir.hpp"

#include <optional>
#include <string>
#include <vector>

namespace kiln::sandbox {

/// A mount below the tree: its path in the tree, and a copy of it that is attached nowhere.
struct LeftMount {
    std::string path;
    util::Fd mount;
};

/// A folder or file of the host, and where in the tree it is bound.
struct BoundPlace {
    std::string path;
    std::string source;
};

/// Mounts that a host hook leaves below the tree (`mount --bind $cache $TARGET_ROOT/var/cache/...`)
/// for the hooks after it. Each hook has a mount namespace of its own, so they would go with it:
/// its init sends them here, they wait in a folder, and every later hook gets them again.
class LeftMounts {
public:
    /// The folder lies outside the tree; it is made when it is needed.
    explicit LeftMounts(std::string folder) : folder_(std::move(folder)) {}

    /// Puts the kept mounts into the tree, in the namespace of a new hook. A place that is no
    /// longer there is left out.
    void attach(const util::RootDir& tree) const;

    /// In their place come those of the last hook.
    void replace(const std::vector<LeftMount>& mounts);

    /// Where on the host the kept mounts come from; nothing when one comes from nowhere there (a
    /// tmpfs that the hook made).
    [[nodiscard]] std::optional<std::vector<BoundPlace>> sources() const;

    /// In place of the kept mounts come these; false, and none, when one cannot be bound.
    bool restore(const std::vector<BoundPlace>& places);

    [[nodiscard]] bool empty() const noexcept { return kept_.empty(); }

private:
    struct Kept {
        std::string path;
        std::string place;
    };

    void drop_all();

    std::string folder_;
    std::vector<Kept> kept_;
};

/// The mounts below root in the namespace of the caller. Left out: what every hook gets (dev, proc,
/// sys), and parts of the tree itself, whose overlay ends with the hook.
std::vector<LeftMount> mounts_below(const std::string& root);

/// Sends them over a socket; false when there are more than one message takes (253).
bool send_mounts(int socket, const std::vector<LeftMount>& mounts);

/// What the other side has sent; nothing when it has sent nothing.
std::vector<LeftMount> receive_mounts(int socket);

} // namespace kiln::sandbox
