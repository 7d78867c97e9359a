#include "disk/checksums.hpp"

#include "disk/data_ranges.hpp"
#include "disk/raw_file.hpp"
#include "util/atomic_file.hpp"
#include "util/digest.hpp"

#include <algorithm>
#include <filesystem>

namespace kiln::disk {
namespace {

constexpr std::uint64_t k_chunk = std::uint64_t{1024} * 1024;

void write_one(const std::string& image_path, const std::string& kind, const std::string& digest) {
    const std::string name = std::filesystem::path(image_path).filename().string();
    util::write_file_atomically(image_path + "." + kind, digest + "  " + name + "\n");
}

} // namespace

Checksums compute_checksums(const std::string& path) {
    const RawFile file = RawFile::open_readable(path);
    util::Digest md5(util::DigestKind::md5);
    util::Digest sha256(util::DigestKind::sha256);
    const auto zeros = [&](std::uint64_t count) {
        md5.update_zeros(count);
        sha256.update_zeros(count);
    };
    std::uint64_t position = 0;
    for (const Region& range : data_ranges(file)) {
        zeros(range.offset - position);
        const std::uint64_t end = range.offset + range.size;
        for (position = range.offset; position < end;) {
            const std::uint64_t length = std::min(k_chunk, end - position);
            const std::string bytes = file.read(position, static_cast<std::size_t>(length));
            md5.update(bytes);
            sha256.update(bytes);
            position += length;
        }
    }
    zeros(file.size() - position);
    return {.md5 = md5.finish(), .sha256 = sha256.finish()};
}

void write_checksum_files(const std::string& image_path, const Checksums& checksums) {
    write_one(image_path, "md5", checksums.md5);
    write_one(image_path, "sha256", checksums.sha256);
}

} // namespace kiln::disk
