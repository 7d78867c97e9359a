#include "disk/ext4_filler.hpp"

#include "disk/block_writer.hpp"
#include "disk/new_ext4.hpp"
#include "disk/source_entry.hpp"
#include "util/error.hpp"
#include "util/fd.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <set>
#include <utility>

namespace kiln::disk {
namespace {

/// An entry of a folder and the inode that it gets.
struct Child {
    SourceEntry entry;
    ext2_ino_t number = 0;
    enum class Kind { fresh, further_link, made_by_mke2fs } kind = Kind::fresh;
};

unsigned kind_of(mode_t mode) {
    switch (mode & S_IFMT) {
    case S_IFDIR:
        return EXT2_FT_DIR;
    case S_IFLNK:
        return EXT2_FT_SYMLINK;
    case S_IFCHR:
        return EXT2_FT_CHRDEV;
    case S_IFBLK:
        return EXT2_FT_BLKDEV;
    case S_IFIFO:
        return EXT2_FT_FIFO;
    default:
        return EXT2_FT_REG_FILE;
    }
}

/// As the kernel encodes a device: the old way where it fits.
void set_device(ext2_inode_large& inode, dev_t device) {
    const std::uint32_t major = ::major(device);
    const std::uint32_t minor = ::minor(device);
    if (major < 256 && minor < 256) {
        inode.i_block[0] = (major << 8U) | minor;
    } else {
        inode.i_block[1] = (minor & 0xffU) | (major << 8U) | ((minor & ~0xffU) << 12U);
    }
}

class Filler {
public:
    Filler(const FilesystemJob& job, NewExt4& filesystem, const RawFile& raw)
        : filesystem_(filesystem),
          writer_(raw, filesystem.block_size()),
          offset_(job.region.offset),
          leave_empty_(job.leave_empty.begin(), job.leave_empty.end()) {}

    void fill(const std::string& source) {
        const util::Fd folder = util::open_file(source, O_RDONLY | O_DIRECTORY);
        SourceEntry root;
        if (::fstat(folder.get(), &root.status) != 0) {
            util::throw_errno("cannot look at '" + source + "'");
        }
        fill_folder(folder.get(),
                    {.entry = root, .number = EXT2_ROOT_INO, .kind = Child::Kind::made_by_mke2fs},
                    {.parent = EXT2_ROOT_INO, .path = ""});
        writer_.flush();
    }

private:
    struct Links {
        ext2_ino_t number = 0;
        bool written = false;
        /// Further names that were met before the inode was written.
        unsigned waiting = 0;
    };

    struct Place {
        ext2_ino_t parent = 0;
        /// Of the entry itself, within the tree.
        std::string path;
    };

    void fill_folder(int folder, const Child& self, const Place& place) {
        std::vector<Child> children;
        if (!leave_empty_.contains(place.path)) {
            children = number_children(folder, self.number, place.path);
        }
        write_names(self, place, children);
        filesystem_.set_attributes(self.number, read_attributes(folder, place.path), place.path);
        for (const Child& child : children) {
            make(folder,
                 child,
                 {.parent = self.number, .path = place.path + "/" + child.entry.name});
        }
    }

    std::vector<Child> number_children(int folder, ext2_ino_t number, const std::string& path) {
        std::vector<Child> children;
        for (SourceEntry& entry : list_source(folder, path)) {
            Child child{.entry = std::move(entry)};
            number_child(child, number, path + "/" + child.entry.name);
            children.push_back(std::move(child));
        }
        return children;
    }

    void number_child(Child& child, ext2_ino_t folder, const std::string& path) {
        const struct stat& status = child.entry.status;
        if (folder == EXT2_ROOT_INO && S_ISDIR(status.st_mode)) {
            child.number = filesystem_.find_in_root(child.entry.name);
            if (child.number != 0) {
                child.kind = Child::Kind::made_by_mke2fs;
                return;
            }
        }
        const bool several = status.st_nlink > 1 && !S_ISDIR(status.st_mode);
        const auto known = several ? links_.find({status.st_dev, status.st_ino}) : links_.end();
        if (known != links_.end()) {
            child.number = known->second.number;
            child.kind = Child::Kind::further_link;
            return;
        }
        child.number = filesystem_.allocate(folder, status.st_mode, path);
        if (several) {
            links_[{status.st_dev, status.st_ino}] = {.number = child.number};
        }
    }

    void write_names(const Child& self, const Place& place, const std::vector<Child>& children) {
        const bool fresh = self.kind == Child::Kind::fresh;
        Ext4Folder content{.inode = self.number, .parent = place.parent, .names = {}};
        for (const Child& child : children) {
            if (child.kind != Child::Kind::made_by_mke2fs) {
                content.names.push_back({.name = child.entry.name,
                                         .inode = child.number,
                                         .kind = kind_of(child.entry.status.st_mode)});
            }
        }
        ext2_inode_large inode = filesystem_.inode_of(self.entry.status);
        const NewExt4::File file{.number = self.number, .inode = inode, .path = place.path};
        if (fresh) {
            filesystem_.write_folder(file, content);
        } else {
            filesystem_.add_to_folder(file, content);
        }
    }

    void make(int folder, const Child& child, const Place& place) {
        const mode_t mode = child.entry.status.st_mode;
        if (child.kind == Child::Kind::further_link) {
            add_link(child, place.path);
        } else if (S_ISDIR(mode)) {
            const util::Fd open = open_in(folder, child.entry.name, O_DIRECTORY, place.path);
            fill_folder(open.get(), child, place);
        } else if (S_ISREG(mode)) {
            make_file(folder, child, place.path);
        } else {
            make_other(folder, child, place.path);
        }
    }

    Links& links_of(const Child& child) {
        return links_.at({child.entry.status.st_dev, child.entry.status.st_ino});
    }

    /// The first name of a file may lie in a folder that is left for later.
    void add_link(const Child& child, const std::string& path) {
        Links& links = links_of(child);
        if (links.written) {
            filesystem_.add_link(child.number, path);
        } else {
            ++links.waiting;
        }
    }

    /// The inode of what is no folder, with the links that were met before it.
    ext2_inode_large first_inode(const Child& child) {
        ext2_inode_large inode = filesystem_.inode_of(child.entry.status);
        if (child.entry.status.st_nlink > 1) {
            Links& links = links_of(child);
            links.written = true;
            inode.i_links_count = static_cast<std::uint16_t>(1 + links.waiting);
        }
        return inode;
    }

    static util::Fd
    open_in(int folder, const std::string& name, int flags, const std::string& path) {
        util::Fd file(::openat(folder, name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | flags));
        if (!file.valid()) {
            util::throw_errno("cannot read '" + path + "'");
        }
        return file;
    }

    void make_file(int folder, const Child& child, const std::string& path) {
        const util::Fd open = open_in(folder, child.entry.name, O_NONBLOCK, path);
        ext2_inode_large inode = first_inode(child);
        set_size(inode, static_cast<std::uint64_t>(child.entry.status.st_size));
        const NewExt4::File file{.number = child.number, .inode = inode, .path = path};
        give_data(open.get(), file, data_parts(open.get(), child.entry.status, path));
        filesystem_.write_inode(file);
        filesystem_.set_attributes(child.number, read_attributes(open.get(), path), path);
    }

    static void set_size(ext2_inode_large& inode, std::uint64_t size) {
        inode.i_size = static_cast<std::uint32_t>(size);
        inode.i_size_high = static_cast<std::uint32_t>(size >> 32U);
    }

    void give_data(int source, const NewExt4::File& file, const Parts& bytes) {
        const std::uint64_t block = filesystem_.block_size();
        const std::uint64_t size = EXT2_I_SIZE(&file.inode);
        const auto copy = [&](std::uint64_t logical, std::uint64_t physical, std::uint64_t count) {
            writer_.copy({.source = source,
                          .offset = logical * block,
                          .length = std::min(count * block, size - logical * block),
                          .place = offset_ + physical * block,
                          .name = file.path});
        };
        filesystem_.give_blocks(file, blocks_of(bytes), copy);
    }

    /// Whole blocks; parts that share one, or follow each other, become one.
    [[nodiscard]] Parts blocks_of(const Parts& bytes) const {
        const std::uint64_t block = filesystem_.block_size();
        Parts blocks;
        for (const auto& [offset, length] : bytes) {
            const std::uint64_t first = offset / block;
            const std::uint64_t end = (offset + length + block - 1) / block;
            const auto last = blocks.empty() ? blocks.end() : std::prev(blocks.end());
            if (last != blocks.end() && last->first + last->second >= first) {
                last->second = end - last->first;
            } else {
                blocks[first] = end - first;
            }
        }
        return blocks;
    }

    void make_other(int folder, const Child& child, const std::string& path) {
        ext2_inode_large inode = first_inode(child);
        const NewExt4::File file{.number = child.number, .inode = inode, .path = path};
        if (S_ISLNK(inode.i_mode)) {
            set_target(file, read_source_link(folder, child.entry.name, path));
        } else if (!S_ISFIFO(inode.i_mode)) {
            set_device(inode, child.entry.status.st_rdev);
        }
        filesystem_.write_inode(file);
        filesystem_.set_attributes(
            child.number, read_attributes(folder, child.entry.name, path), path);
    }

    /// A short target lies in the inode, where other files have their blocks.
    void set_target(const NewExt4::File& file, const std::string& target) {
        set_size(file.inode, target.size());
        if (target.size() < sizeof(file.inode.i_block)) {
            std::memcpy(&file.inode.i_block[0], target.data(), target.size());
            return;
        }
        filesystem_.give_blocks(
            file, {{0, 1}}, [&](std::uint64_t, std::uint64_t physical, std::uint64_t) {
                writer_.put(target, offset_ + physical * filesystem_.block_size());
            });
    }

    NewExt4& filesystem_;
    BlockWriter writer_;
    std::uint64_t offset_;
    std::set<std::string> leave_empty_;
    /// Files with several names, by device and inode in the source.
    std::map<std::pair<dev_t, ino_t>, Links> links_;
};

} // namespace

FillAnswer fill_ext4(const FilesystemJob& job) {
    NewExt4 filesystem(job.raw_path, job.region.offset, job.epoch);
    if (!filesystem.is_plain()) {
        return FillAnswer::not_plain;
    }
    const RawFile raw = RawFile::open_writable(job.raw_path);
    try {
        Filler(job, filesystem, raw).fill(job.source);
        filesystem.close();
    } catch (const OutOfRoom&) {
        return FillAnswer::no_room;
    }
    return FillAnswer::filled;
}

} // namespace kiln::disk
