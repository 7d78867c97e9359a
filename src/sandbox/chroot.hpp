#pragma once

#include "util/root_dir.hpp"

#include <string>
#include <vector>

namespace kiln::sandbox {

/// A file of the host side that stands over one of the tree while a hook runs.
struct Shim {
    std::string source;
    /// Path in the tree; the shim is left out when the tree has no such file.
    std::string target;
};

struct ChrootPlan {
    /// Where the tree is mounted.
    std::string root;
    /// The folder that hooks see, read-only, as /tmp/in_target.d.
    std::string hooks;
    /// Bound over /etc/resolv.conf of the tree, or over what that links to; empty: none.
    std::string resolv_conf;
    std::vector<Shim> shims{};
};

/// Where hooks in the chroot see the hooks tree.
inline constexpr const char* k_hooks_in_target = "/tmp/in_target.d";

/// The file in the tree that resolv.conf will be bound over: made (empty) when there is none.
class ResolvConfPlace {
public:
    explicit ResolvConfPlace(const util::RootDir& tree);

    [[nodiscard]] const std::string& path() const noexcept { return path_; }

    /// Removes the file if it was made here and is still empty.
    void remove_if_ours(const util::RootDir& tree) const;

private:
    std::string path_;
    bool made_ = false;
};

enum class KernelFiles { dev, dev_proc_sys };

/// For host hooks that chroot into the tree themselves: a minimal dev, proc, and sys (read-only),
/// each where the tree has a folder for it.
void mount_kernel_files(const util::RootDir& tree, KernelFiles which);

/// Mounts proc, a minimal dev, sys (read-only), the hooks tree, resolv.conf and shims in the tree,
/// and makes the tree the root of the calling process, which has a mount namespace of its own.
void enter_chroot(const ChrootPlan& plan);

} // namespace kiln::sandbox
