#include "disk/checksums.hpp"

#include "disk/data_ranges.hpp"
#include "disk/raw_file.hpp"
#include "util/atomic_file.hpp"
#include "util/digest.hpp"
#include "util/edit_distance.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <filesystem>
#include <future>
#include <vector>

namespace kiln::disk {
namespace {

constexpr std::uint64_t k_hash_chunk = std::uint64_t{1024} * 1024;

void write_one(const std::string& image_path,
               const std::string& kind,
               const std::string& digest,
               const std::string& prefix) {
    if (!digest.empty()) {
        const std::string name = std::filesystem::path(image_path).filename().string();
        util::write_file_atomically(image_path + "." + kind, digest + "  " + prefix + name + "\n");
    }
}

std::string digest_of(const RawFile& file, util::DigestKind kind) {
    util::Digest digest(kind);
    std::vector<char> buffer(k_hash_chunk);
    std::uint64_t position = 0;
    for (const Region& range : data_ranges(file)) {
        digest.update_zeros(range.offset - position);
        const std::uint64_t end = range.offset + range.size;
        for (position = range.offset; position < end;) {
            const std::uint64_t length = std::min(k_hash_chunk, end - position);
            file.read(position, buffer.data(), length);
            digest.update({buffer.data(), length});
            position += length;
        }
    }
    digest.update_zeros(file.size() - position);
    return digest.finish();
}

} // namespace

ChecksumKinds parse_checksum_kinds(std::string_view text) {
    ChecksumKinds kinds;
    for (const std::string& part : util::split(text, ',')) {
        const std::string_view word = util::trim(part);
        const bool both = word == "1" || word == "true" || word == "True";
        const bool none = word.empty() || word == "0" || word == "false" || word == "False";
        if (!both && !none && word != "md5" && word != "sha256") {
            throw util::Error({.what = "unknown checksum '" + std::string(word) + "'",
                               .hint = util::did_you_mean(
                                   std::string(word), {"md5", "sha256"}, "known are: md5, sha256"),
                               .code = util::ExitCode::usage});
        }
        kinds.md5 = kinds.md5 || both || word == "md5";
        kinds.sha256 = kinds.sha256 || both || word == "sha256";
    }
    return kinds;
}

Checksums compute_checksums(const std::string& path, ChecksumKinds kinds) {
    Checksums checksums;
    if (!kinds.md5 && !kinds.sha256) {
        return checksums;
    }
    const RawFile file = RawFile::open_readable(path);
    // Each on a processor of its own, where there is one more.
    std::future<std::string> md5;
    if (kinds.md5) {
        const auto policy =
            kinds.sha256 ? std::launch::async | std::launch::deferred : std::launch::deferred;
        md5 = std::async(policy, [&file] { return digest_of(file, util::DigestKind::md5); });
    }
    if (kinds.sha256) {
        checksums.sha256 = digest_of(file, util::DigestKind::sha256);
    }
    checksums.md5 = kinds.md5 ? md5.get() : "";
    return checksums;
}

void write_checksum_files(const std::string& image_path,
                          const Checksums& checksums,
                          const std::string& prefix) {
    write_one(image_path, "md5", checksums.md5, prefix);
    write_one(image_path, "sha256", checksums.sha256, prefix);
}

} // namespace kiln::disk
