#include "check/seed.hpp"

#include "disk/ext4_image.hpp"
#include "disk/partition_reader.hpp"
#include "disk/raw_file.hpp"
#include "util/error.hpp"
#include "util/fd.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <filesystem>

namespace kiln::check {
namespace {

using disk::Ext4Image;

/// Where ext2, ext3 and ext4 have their magic number 0xEF53, little-endian.
constexpr std::uint64_t k_ext_magic_at = 1024 + 56;

bool is_ext(const std::string& disk, std::uint64_t offset) {
    const util::Fd fd = util::open_file(disk, O_RDONLY);
    std::array<unsigned char, 2> magic{};
    const ssize_t count =
        ::pread(fd.get(), magic.data(), magic.size(), static_cast<off_t>(offset + k_ext_magic_at));
    return count == 2 && magic[0] == 0x53 && magic[1] == 0xef;
}

/// Where file systems can begin: at each partition, or at 0 on a disk without a table.
std::vector<std::uint64_t> file_system_offsets(const std::string& disk) {
    const auto table = disk::read_partition_table(disk::RawFile::open_readable(disk));
    std::vector<std::uint64_t> offsets;
    for (const disk::FoundPartition& partition : table.partitions) {
        offsets.push_back(partition.offset);
    }
    if (offsets.empty()) {
        offsets.push_back(0);
    }
    return offsets;
}

bool has_systemd(const Ext4Image& image) {
    return image.exists("/usr/lib/systemd/systemd") || image.exists("/lib/systemd/systemd");
}

void write_files(const std::string& disk,
                 std::uint64_t offset,
                 const std::vector<SeedFile>& files) {
    Ext4Image image = Ext4Image::open(disk, offset, Ext4Image::Access::write);
    for (const SeedFile& file : files) {
        image.make_directories(std::filesystem::path(file.path).parent_path(), 0755);
        if (file.is_link) {
            image.make_symlink(file.path, file.content);
        } else {
            image.write_file(file.path, file.content, 0644);
        }
    }
    image.close();
}

} // namespace

std::optional<std::uint64_t> find_root(const std::string& disk) {
    for (const std::uint64_t offset : file_system_offsets(disk)) {
        if (is_ext(disk, offset)) {
            const Ext4Image image = Ext4Image::open(disk, offset, Ext4Image::Access::read);
            if (image.exists("/etc/os-release") || image.exists("/usr/lib/os-release")) {
                return offset;
            }
        }
    }
    return std::nullopt;
}

std::optional<std::string> seed_disk(const std::string& disk, const std::vector<SeedFile>& files) {
    const auto root = find_root(disk);
    if (!root) {
        return "no ext4 root file system was found";
    }
    if (!has_systemd(Ext4Image::open(disk, *root, Ext4Image::Access::read))) {
        return "there is no systemd in it";
    }
    try {
        write_files(disk, *root, files);
    } catch (const util::Error& error) {
        return std::string("the test unit cannot be put into it: ") + error.what();
    }
    return std::nullopt;
}

} // namespace kiln::check
