#include "disk/appliance_files.hpp"

#include "util/error.hpp"
#include "util/text.hpp"

#include <guestfs.h>

#include <ext2fs/ext2fs.h>
#include <unistd.h>

#include <memory>
#include <vector>

namespace kiln::disk {
namespace {

class Inodes {
public:
    explicit Inodes(std::string image) : image_(std::move(image)) {
        check(ext2fs_open(image_.c_str(), EXT2_FLAG_RW, 0, 0, unix_io_manager, &filesystem_));
        try {
            check(ext2fs_open_inode_scan(filesystem_, 0, &scan_));
        } catch (const util::Error&) {
            ext2fs_free(filesystem_);
            throw;
        }
    }

    Inodes(const Inodes&) = delete;
    Inodes& operator=(const Inodes&) = delete;
    Inodes(Inodes&&) = delete;
    Inodes& operator=(Inodes&&) = delete;

    ~Inodes() {
        ext2fs_close_inode_scan(scan_);
        if (filesystem_ != nullptr) {
            ext2fs_free(filesystem_);
        }
    }

    void give_to_root() {
        ext2_inode inode = {};
        for (ext2_ino_t number = next(inode); number != 0; number = next(inode)) {
            if (inode.i_links_count != 0 && (inode_uid(inode) != 0 || inode_gid(inode) != 0)) {
                inode.i_uid = 0;
                inode.i_gid = 0;
                ext2fs_set_i_uid_high(inode, 0);
                ext2fs_set_i_gid_high(inode, 0);
                check(ext2fs_write_inode(filesystem_, number, &inode));
            }
        }
    }

    /// Writes to the disk what is still in memory.
    void commit() { check(ext2fs_close_free(&filesystem_)); }

private:
    ext2_ino_t next(ext2_inode& inode) {
        ext2_ino_t number = 0;
        check(ext2fs_get_next_inode(scan_, &number, &inode));
        return number;
    }

    void check(errcode_t code) const {
        if (code != 0) {
            initialize_ext2_error_table();
            throw util::Error(
                {.what = "cannot set the owners in '" + image_ + "': " + error_message(code),
                 .code = util::ExitCode::tool});
        }
    }

    std::string image_;
    ext2_filsys filesystem_ = nullptr;
    ext2_inode_scan scan_ = nullptr;
};

bool has_file(const std::string& folder, const std::string& name) {
    return ::access((folder + "/" + name).c_str(), F_OK) == 0;
}

/// Where libguestfs looks, in its order.
std::vector<std::string> search_path() {
    const std::unique_ptr<guestfs_h, void (*)(guestfs_h*)> handle(
        guestfs_create_flags(GUESTFS_CREATE_NO_CLOSE_ON_EXIT), guestfs_close);
    const char* path = handle ? guestfs_get_path(handle.get()) : nullptr;
    return util::split(path == nullptr ? "" : path, ':');
}

} // namespace

std::optional<std::string> appliance_source() {
    for (const std::string& folder : search_path()) {
        if (has_file(folder, "supermin.d/base.tar.gz") && has_file(folder, "supermin.d/packages")) {
            return folder + "/supermin.d";
        }
        if (has_file(folder, "README.fixed")) {
            return std::nullopt;
        }
    }
    return std::nullopt;
}

void give_all_to_root(const std::string& image) {
    Inodes inodes(image);
    inodes.give_to_root();
    inodes.commit();
}

} // namespace kiln::disk
