#include "disk/ext4_tree_handle.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace kiln::disk {
namespace {

using Handle = Ext4Tree::Handle;

/// The runs of one file, in the order of the file: a block that comes before the last one, or lies
/// outside of the filesystem, is no work of a kernel.
class RunList {
public:
    RunList(const Handle& handle, std::uint64_t size, const std::string& path)
        : handle_(handle), size_(size), path_(path), block_(handle.filesystem->blocksize) {}

    /// All in blocks.
    void add(std::uint64_t logical, std::uint64_t physical, std::uint64_t count) {
        const std::uint64_t blocks = ext2fs_blocks_count(handle_.filesystem->super);
        if (count == 0 || logical < next_ || physical == 0 || physical >= blocks ||
            count > blocks - physical) {
            handle_.fail(path_, "its blocks overlap or lie outside");
        }
        // A block map can name one block a billion times.
        if (count > blocks - taken_) {
            handle_.fail(path_, "it has more blocks than the filesystem");
        }
        taken_ += count;
        next_ = logical + count;
        const std::uint64_t start = logical * block_;
        if (start >= size_) {
            return; // preallocated behind the end
        }
        const std::uint64_t length = std::min(count * block_, size_ - start);
        const std::uint64_t place = handle_.region.offset + physical * block_;
        if (!runs_.empty() && runs_.back().offset + runs_.back().length == start &&
            runs_.back().place + runs_.back().length == place) {
            runs_.back().length += length;
        } else {
            runs_.push_back({.offset = start, .place = place, .length = length});
        }
    }

    /// For blocks that are there but were never written.
    void skip(std::uint64_t logical, std::uint64_t count) {
        if (count == 0 || logical < next_) {
            handle_.fail(path_, "its blocks overlap");
        }
        next_ = logical + count;
    }

    std::vector<Handle::Run> take() { return std::move(runs_); }

    [[nodiscard]] const std::string& path() const { return path_; }

private:
    const Handle& handle_;
    std::uint64_t size_;
    const std::string& path_;
    std::uint64_t block_;
    std::uint64_t next_ = 0;
    std::uint64_t taken_ = 0;
    std::vector<Handle::Run> runs_;
};

struct ExtentHandle {
    ext2_extent_handle_t value = nullptr;

    ExtentHandle() = default;
    ExtentHandle(const ExtentHandle&) = delete;
    ExtentHandle& operator=(const ExtentHandle&) = delete;
    ExtentHandle(ExtentHandle&&) = delete;
    ExtentHandle& operator=(ExtentHandle&&) = delete;

    ~ExtentHandle() {
        if (value != nullptr) {
            ext2fs_extent_free(value);
        }
    }
};

void read_extents(const Handle& handle, ext2_ino_t number, RunList& list) {
    ExtentHandle extents;
    handle.check(ext2fs_extent_open(handle.filesystem, number, &extents.value), list.path());
    // Every node is a block, and every extent has one at least.
    std::uint64_t steps = ext2fs_blocks_count(handle.filesystem->super) * 3 + 16;
    ext2fs_extent extent{};
    errcode_t code = ext2fs_extent_get(extents.value, EXT2_EXTENT_ROOT, &extent);
    while (code == 0) {
        if (--steps == 0) {
            handle.fail(list.path(), "its extents have no end");
        }
        const bool leaf = (extent.e_flags & EXT2_EXTENT_FLAGS_LEAF) != 0;
        if (leaf && (extent.e_flags & EXT2_EXTENT_FLAGS_UNINIT) != 0) {
            list.skip(extent.e_lblk, extent.e_len);
        } else if (leaf) {
            list.add(extent.e_lblk, extent.e_pblk, extent.e_len);
        }
        code = ext2fs_extent_get(extents.value, EXT2_EXTENT_NEXT, &extent);
    }
    if (code != EXT2_ET_EXTENT_NO_NEXT && code != EXT2_ET_NO_CURRENT_NODE) {
        handle.check(code, list.path());
    }
}

struct BlockWalk {
    RunList& list;
    std::exception_ptr error;
};

// NOLINTNEXTLINE(readability-function-size): the signature is libext2fs's
int add_block(ext2_filsys, blk64_t* block, e2_blkcnt_t at, blk64_t, int, void* context) {
    auto& walk = *static_cast<BlockWalk*>(context);
    try {
        walk.list.add(static_cast<std::uint64_t>(at), *block, 1);
    } catch (...) {
        walk.error = std::current_exception(); // not through the C library
        return BLOCK_ABORT;
    }
    return 0;
}

/// The block map of ext2 and ext3.
void read_block_map(const Handle& handle, ext2_ino_t number, RunList& list) {
    BlockWalk walk{.list = list, .error = nullptr};
    const errcode_t code = ext2fs_block_iterate3(handle.filesystem,
                                                 number,
                                                 BLOCK_FLAG_READ_ONLY | BLOCK_FLAG_DATA_ONLY,
                                                 nullptr,
                                                 add_block,
                                                 &walk);
    if (walk.error) {
        std::rethrow_exception(walk.error);
    }
    handle.check(code, list.path());
}

} // namespace

std::vector<Ext4Tree::Handle::Run> Ext4Tree::Handle::runs(ext2_ino_t number,
                                                          const ext2_inode_large& inode,
                                                          const std::string& path) const {
    auto plain = inode;
    auto* base = reinterpret_cast<ext2_inode*>(&plain);
    RunList list(*this, EXT2_I_SIZE(base), path);
    if ((inode.i_flags & EXT4_EXTENTS_FL) != 0) {
        read_extents(*this, number, list);
    } else if (ext2fs_inode_has_valid_blocks2(filesystem, base) != 0) {
        read_block_map(*this, number, list);
    }
    return list.take();
}

} // namespace kiln::disk
