#include "disk/ext4_tree_handle.hpp"

#include "disk/byte_order.hpp"
#include "util/error.hpp"

#include <et/com_err.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace kiln::disk {
namespace {

constexpr std::uint64_t k_super_at = 1024;
constexpr std::size_t k_super_size = 1024;
constexpr std::uint64_t k_most_link = 4096;

/// Frees what a library gave, by its own call.
template <typename Resource, typename Release>
class Held {
public:
    explicit Held(Release release) : release_(release) {}

    Held(const Held&) = delete;
    Held& operator=(const Held&) = delete;
    Held(Held&&) = delete;
    Held& operator=(Held&&) = delete;

    ~Held() {
        if (value != nullptr) {
            release_(value);
        }
    }

    Resource value = nullptr;

private:
    Release release_;
};

/// What libext2fs would multiply and allocate by, looked at before it does.
void check_super(const RawFile& raw, Region region) {
    const auto damaged = [&raw](const std::string& why) {
        throw util::Error(
            {.what = "the ext4 filesystem in '" + raw.path() + "' is damaged: " + why});
    };
    if (region.size < k_super_at + k_super_size) {
        damaged("it is too short");
    }
    const std::string super = raw.read(region.offset + k_super_at, k_super_size);
    const auto shift = get_number<std::uint32_t>(super, 24);
    const bool wide = (get_number<std::uint32_t>(super, 96) & EXT4_FEATURE_INCOMPAT_64BIT) != 0;
    const std::uint64_t high = wide ? get_number<std::uint32_t>(super, 0x150) : 0;
    const std::uint64_t blocks = get_number<std::uint32_t>(super, 4) | (high << 32U);
    if (shift > 6) {
        damaged("impossible size of its blocks");
    }
    if (blocks == 0 || blocks > region.size / (std::uint64_t{1024} << shift)) {
        damaged("it is larger than the place where it lies");
    }
    if (get_number<std::uint32_t>(super, 0) > blocks * 64) {
        damaged("impossible number of inodes");
    }
}

struct NameList {
    std::vector<Ext4Tree::Handle::Name>* names;
    std::uint64_t most;
    bool too_many = false;
};

// NOLINTNEXTLINE(readability-function-size): the signature is libext2fs's
int append_name(ext2_ino_t, int, ext2_dir_entry* raw, int, int, char*, void* context) {
    auto& list = *static_cast<NameList*>(context);
    const std::string_view text(&raw->name[0],
                                static_cast<std::size_t>(ext2fs_dirent_name_len(raw)));
    // By name: directories within an inode tell the kind wrongly.
    if (raw->inode == 0 || text == "." || text == "..") {
        return 0;
    }
    if (list.names->size() >= list.most) {
        list.too_many = true;
        return DIRENT_ABORT;
    }
    list.names->push_back({.text = std::string(text), .inode = raw->inode});
    return 0;
}

int append_attribute(char* name, char*, std::size_t, void* context) {
    static_cast<std::vector<std::string>*>(context)->emplace_back(name);
    return 0;
}

} // namespace

Ext4Tree::Handle::Handle(const std::string& raw_path, Region part)
    : raw(RawFile::open_readable(raw_path)), region(part) {
    check_super(raw, region);
    const std::string options = "offset=" + std::to_string(region.offset);
    check(ext2fs_open2(raw_path.c_str(),
                       options.c_str(),
                       EXT2_FLAG_64BITS | EXT2_FLAG_THREADS,
                       0,
                       0,
                       unix_io_manager,
                       &filesystem),
          "/");
}

Ext4Tree::Handle::~Handle() {
    if (filesystem != nullptr) {
        ext2fs_close_free(&filesystem);
    }
}

void Ext4Tree::Handle::check(errcode_t code, const std::string& path) const {
    if (code != 0) {
        initialize_ext2_error_table();
        fail(path, error_message(code));
    }
}

void Ext4Tree::Handle::fail(const std::string& path, const std::string& why) const {
    throw util::Error(
        {.what = "the ext4 filesystem in '" + raw.path() + "' is damaged at '" + path + "': " + why,
         .hint = "is the image whole? look at it with: e2fsck -fn"});
}

ext2_inode_large Ext4Tree::Handle::inode(ext2_ino_t number, const std::string& path) const {
    if (number < EXT2_ROOT_INO || number > filesystem->super->s_inodes_count) {
        fail(path, "an inode that does not exist");
    }
    ext2_inode_large inode{};
    check(ext2fs_read_inode_full(
              filesystem, number, reinterpret_cast<ext2_inode*>(&inode), sizeof(inode)),
          path);
    if (inode.i_links_count == 0 || inode.i_mode == 0) {
        fail(path, "a name of a deleted file");
    }
    if ((inode.i_flags & EXT4_ENCRYPT_FL) != 0) {
        fail(path, "it is encrypted");
    }
    return inode;
}

std::vector<Ext4Tree::Handle::Name> Ext4Tree::Handle::names(ext2_ino_t number,
                                                            const std::string& path) const {
    std::vector<Name> found;
    NameList list{.names = &found, .most = filesystem->super->s_inodes_count};
    check(ext2fs_dir_iterate2(filesystem, number, 0, nullptr, append_name, &list), path);
    std::sort(found.begin(), found.end(), [](const Name& left, const Name& right) {
        return left.text < right.text;
    });
    for (std::size_t i = 0; i < found.size(); ++i) {
        const std::string& text = found[i].text;
        if (text.empty() || text.find_first_of(std::string_view("/\0", 2)) != std::string::npos) {
            fail(path, "an impossible name in it");
        }
        if (i > 0 && found[i - 1].text == text) {
            fail(path, "the name '" + text + "' is twice in it");
        }
    }
    if (list.too_many) {
        fail(path, "more names than there are inodes");
    }
    return found;
}

std::vector<util::ExtendedAttribute> Ext4Tree::Handle::attributes(ext2_ino_t number,
                                                                  const std::string& path) const {
    Held<ext2_xattr_handle*, void (*)(ext2_xattr_handle*)> handle(
        [](ext2_xattr_handle* value) { ext2fs_xattrs_close(&value); });
    check(ext2fs_xattrs_open(filesystem, number, &handle.value), path);
    check(ext2fs_xattrs_read(handle.value), path);
    std::vector<std::string> keys;
    check(ext2fs_xattrs_iterate(handle.value, append_attribute, &keys), path);
    std::vector<util::ExtendedAttribute> found;
    for (const std::string& key : keys) {
        if (key == "system.data") {
            continue; // the rest of inline data
        }
        void* bytes = nullptr;
        std::size_t length = 0;
        check(ext2fs_xattr_get(handle.value, key.c_str(), &bytes, &length), path);
        found.push_back({.name = key, .value = std::string(static_cast<char*>(bytes), length)});
        ext2fs_free_mem(&bytes);
    }
    return found;
}

std::string Ext4Tree::Handle::link_text(ext2_ino_t number,
                                        const ext2_inode_large& inode,
                                        const std::string& path) const {
    auto plain = inode;
    auto* base = reinterpret_cast<ext2_inode*>(&plain);
    const std::uint64_t size = EXT2_I_SIZE(base);
    if (size == 0 || size >= k_most_link) {
        fail(path, "a link of an impossible length");
    }
    if (ext2fs_is_fast_symlink(base) == 0) {
        return content(number, size, path);
    }
    std::array<char, sizeof(inode.i_block)> text{};
    std::memcpy(text.data(), &inode.i_block[0], text.size());
    return {text.data(), ::strnlen(text.data(), std::min<std::size_t>(size, text.size()))};
}

std::string
Ext4Tree::Handle::content(ext2_ino_t number, std::uint64_t size, const std::string& path) const {
    Held<ext2_file_t, errcode_t (*)(ext2_file_t)> open(ext2fs_file_close);
    check(ext2fs_file_open(filesystem, number, 0, &open.value), path);
    std::string bytes(static_cast<std::size_t>(size), '\0');
    unsigned got = 0;
    check(ext2fs_file_read(open.value, bytes.data(), static_cast<unsigned>(size), &got), path);
    if (got != size) {
        fail(path, "it ends too early");
    }
    return bytes;
}

} // namespace kiln::disk
