#include "disk/ext4_tree.hpp"

#include "disk/ext4_tree_handle.hpp"
#include "util/error.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace kiln::disk {
namespace {

using util::EntryType;
using util::TreeEntry;
using Handle = Ext4Tree::Handle;

constexpr std::size_t k_file_chunk = std::size_t{1024} * 1024;
constexpr std::size_t k_deepest = 1000;

EntryType type_of(const Handle& handle, unsigned mode, const std::string& path) {
    switch (mode & S_IFMT) {
    case S_IFREG:
        return EntryType::regular;
    case S_IFDIR:
        return EntryType::directory;
    case S_IFLNK:
        return EntryType::symlink;
    case S_IFIFO:
        return EntryType::fifo;
    case S_IFSOCK:
        return EntryType::socket;
    case S_IFCHR:
    case S_IFBLK:
        return EntryType::device;
    default:
        handle.fail(path, "a file of no known type");
    }
}

/// Seconds with the two bits above the lower 32 that the extra field adds, and nanoseconds.
util::EntryTime time_of(const ext2_inode_large& inode) {
    const std::uint32_t extra = inode.i_extra_isize >= 8 ? inode.i_mtime_extra : 0;
    const auto low = static_cast<std::int32_t>(inode.i_mtime);
    const std::uint32_t nanoseconds = extra >> 2U;
    return {.seconds = std::int64_t{low} + (std::int64_t{extra & 3U} << 32),
            .nanoseconds = nanoseconds < 1000000000 ? nanoseconds : 0};
}

/// "b 8:1": the old form of numbers in the first word of the inode, else the new one in the second.
std::string device_text(const ext2_inode_large& inode) {
    const std::uint32_t old = inode.i_block[0];
    const std::uint32_t wide = inode.i_block[1];
    const std::uint32_t major = old != 0 ? old >> 8U & 0xffU : wide >> 8U & 0xfffU;
    const std::uint32_t minor = old != 0 ? old & 0xffU : (wide & 0xffU) | (wide >> 12U & 0xfff00U);
    return std::string(LINUX_S_ISBLK(inode.i_mode) ? "b " : "c ") + std::to_string(major) + ":" +
           std::to_string(minor);
}

/// One pass over a filesystem.
class Walk {
public:
    Walk(const Handle& handle, util::TreeSink& sink)
        : handle_(handle),
          sink_(sink),
          room_(ext2fs_blocks_count(handle.filesystem->super) * handle.filesystem->blocksize) {}

    void run() {
        visit({.text = ".", .inode = EXT2_ROOT_INO}, "", 0);
        sink_.finish();
    }

private:
    void visit(const Handle::Name& name, const std::string& folder, std::size_t depth) {
        const std::string path = folder.empty() ? name.text : folder + "/" + name.text;
        const ext2_inode_large inode = handle_.inode(name.inode, path);
        TreeEntry entry = describe(path, name.inode, inode);
        if (linked_before(name.inode, inode, entry)) {
            sink_.add(entry);
            return;
        }
        entry.attributes = handle_.attributes(name.inode, path);
        sink_.add(entry);
        if (entry.type == EntryType::regular) {
            send_data(name.inode, inode, entry);
        } else if (entry.type == EntryType::directory) {
            enter(name.inode, name.inode == EXT2_ROOT_INO ? "" : path, depth);
        }
    }

    void enter(ext2_ino_t number, const std::string& path, std::size_t depth) {
        if (!directories_.insert(number).second) {
            handle_.fail(path, "a directory with two names");
        }
        if (depth > k_deepest) {
            handle_.fail(path, "too many directories within each other");
        }
        for (const Handle::Name& name : handle_.names(number, path.empty() ? "/" : path)) {
            visit(name, path, depth + 1);
        }
    }

    TreeEntry
    describe(const std::string& path, ext2_ino_t number, const ext2_inode_large& inode) const {
        auto plain = inode;
        TreeEntry entry{.path = path, .type = type_of(handle_, inode.i_mode, path)};
        entry.mode = inode.i_mode & 07777U;
        entry.user = inode.i_uid | (std::uint32_t{inode.i_uid_high} << 16U);
        entry.group = inode.i_gid | (std::uint32_t{inode.i_gid_high} << 16U);
        entry.modified = time_of(inode);
        if (entry.type == EntryType::regular) {
            entry.size = EXT2_I_SIZE(reinterpret_cast<ext2_inode*>(&plain));
        } else if (entry.type == EntryType::symlink) {
            entry.target = handle_.link_text(number, inode, path);
        } else if (entry.type == EntryType::device) {
            entry.target = device_text(inode);
        }
        return entry;
    }

    /// Makes a hard link of an entry whose inode has had a name.
    bool linked_before(ext2_ino_t number, const ext2_inode_large& inode, TreeEntry& entry) {
        const bool linkable = entry.type == EntryType::regular ||
                              entry.type == EntryType::symlink || entry.type == EntryType::fifo;
        if (!linkable || inode.i_links_count < 2) {
            return false;
        }
        const auto [known, added] = first_names_.try_emplace(number, entry.path);
        if (added) {
            return false;
        }
        entry.type = EntryType::hard_link;
        entry.target = known->second;
        return true;
    }

    void send_data(ext2_ino_t number, const ext2_inode_large& inode, const TreeEntry& entry) {
        if ((inode.i_flags & EXT4_INLINE_DATA_FL) != 0) {
            if (entry.size > handle_.filesystem->blocksize) {
                handle_.fail(entry.path, "more data in its inode than fits");
            }
            if (entry.size > 0) {
                sink_.data(0, handle_.content(number, entry.size, entry.path));
            }
            return;
        }
        for (const Handle::Run& run : handle_.runs(number, inode, entry.path)) {
            if (run.length > room_) {
                handle_.fail(entry.path, "its files hold more than it has room for");
            }
            room_ -= run.length;
            send_run(run);
        }
    }

    void send_run(Handle::Run run) {
        while (run.length > 0) {
            const auto part =
                static_cast<std::size_t>(std::min<std::uint64_t>(run.length, k_file_chunk));
            sink_.data(run.offset, handle_.raw.read(run.place, part));
            run.offset += part;
            run.place += part;
            run.length -= part;
        }
    }

    const Handle& handle_;
    util::TreeSink& sink_;
    std::uint64_t room_;
    std::set<ext2_ino_t> directories_;
    std::map<ext2_ino_t, std::string> first_names_;
};

} // namespace

Ext4Tree::Ext4Tree(const std::string& raw_path, Region region)
    : handle_(std::make_unique<Handle>(raw_path, region)) {}

Ext4Tree::Ext4Tree(Ext4Tree&&) noexcept = default;
Ext4Tree& Ext4Tree::operator=(Ext4Tree&&) noexcept = default;
Ext4Tree::~Ext4Tree() = default;

bool Ext4Tree::needs_recovery() const {
    return ext2fs_has_feature_journal_needs_recovery(handle_->filesystem->super) != 0;
}

std::string Ext4Tree::label() const {
    const auto& bytes = handle_->filesystem->super->s_volume_name;
    const auto* text = reinterpret_cast<const char*>(&bytes[0]);
    return {text, ::strnlen(text, sizeof(bytes))};
}

bool Ext4Tree::exists(const std::string& path) const {
    ext2_ino_t number = 0;
    const errcode_t code = ext2fs_namei_follow(
        handle_->filesystem, EXT2_ROOT_INO, EXT2_ROOT_INO, path.c_str(), &number);
    return code == 0;
}

void Ext4Tree::read(util::TreeSink& sink) const {
    Walk(*handle_, sink).run();
}

} // namespace kiln::disk
