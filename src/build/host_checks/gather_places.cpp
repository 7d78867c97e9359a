#include "build/host_checks/bounded.hpp"
#include "build/host_checks/gather.hpp"
#include "util/text.hpp"

#include <linux/magic.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <array>
#include <charconv>

namespace kiln::build {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::milliseconds k_limit{5000};

struct FilesystemName {
    unsigned long magic;
    const char* name;
};

constexpr unsigned long k_xfs = 0x58465342;
constexpr unsigned long k_zfs = 0x2fc12fc1;

constexpr std::array<FilesystemName, 10> k_filesystem_names = {{
    {EXT4_SUPER_MAGIC, "ext4"},
    {BTRFS_SUPER_MAGIC, "btrfs"},
    {k_xfs, "xfs"},
    {k_zfs, "zfs"},
    {F2FS_SUPER_MAGIC, "f2fs"},
    {TMPFS_MAGIC, "tmpfs"},
    {OVERLAYFS_SUPER_MAGIC, "overlay"},
    {NFS_SUPER_MAGIC, "nfs"},
    {FUSE_SUPER_MAGIC, "fuse"},
    {SMB2_SUPER_MAGIC, "cifs"},
}};

std::string name_of(unsigned long magic) {
    for (const FilesystemName& entry : k_filesystem_names) {
        if (entry.magic == magic) {
            return entry.name;
        }
    }
    std::array<char, 2 * sizeof(magic)> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), magic, 16).ptr;
    return "0x" + std::string(digits.data(), end);
}

/// "FILESYSTEM FREE WRITABLE" of the nearest folder that is there.
std::string look(fs::path path) {
    std::error_code error;
    while (!fs::exists(path, error) && path != path.parent_path()) {
        path = path.parent_path();
    }
    struct statfs info = {};
    if (::statfs(path.c_str(), &info) != 0) {
        return "";
    }
    const auto free =
        static_cast<std::uint64_t>(info.f_bavail) * static_cast<std::uint64_t>(info.f_bsize);
    const bool writable = fs::is_directory(path, error) && ::access(path.c_str(), W_OK | X_OK) == 0;
    return name_of(static_cast<unsigned long>(info.f_type)) + " " + std::to_string(free) +
           (writable ? " yes" : " no");
}

} // namespace

Place look_at_place(const std::string& name, const fs::path& path) {
    Place place = {.name = name, .path = path};
    const auto answer = answer_within(k_limit, [&] { return look(path); });
    const std::vector<std::string> words = util::split_words(answer.value_or(""));
    if (words.size() == 3) {
        place.filesystem = words[0];
        place.free_bytes = std::stoull(words[1]);
        place.writable = words[2] == "yes";
    }
    return place;
}

} // namespace kiln::build
