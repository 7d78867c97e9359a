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
#include <optional>

namespace kiln::disk {
namespace {

constexpr std::uint64_t k_chunk = std::uint64_t{1024} * 1024;

void write_one(const std::string& image_path,
               const std::string& kind,
               const std::string& digest,
               const std::string& prefix) {
    if (!digest.empty()) {
        const std::string name = std::filesystem::path(image_path).filename().string();
        util::write_file_atomically(image_path + "." + kind, digest + "  " + prefix + name + "\n");
    }
}

/// The digests that are wanted, fed with the same bytes.
class DigestSet {
public:
    explicit DigestSet(ChecksumKinds kinds) {
        if (kinds.md5) {
            md5_.emplace(util::DigestKind::md5);
        }
        if (kinds.sha256) {
            sha256_.emplace(util::DigestKind::sha256);
        }
    }

    void update(std::string_view bytes) {
        for (std::optional<util::Digest>* digest : {&md5_, &sha256_}) {
            if (*digest) {
                (*digest)->update(bytes);
            }
        }
    }

    void update_zeros(std::uint64_t count) {
        for (std::optional<util::Digest>* digest : {&md5_, &sha256_}) {
            if (*digest) {
                (*digest)->update_zeros(count);
            }
        }
    }

    Checksums finish() {
        return {.md5 = md5_ ? md5_->finish() : "", .sha256 = sha256_ ? sha256_->finish() : ""};
    }

private:
    std::optional<util::Digest> md5_;
    std::optional<util::Digest> sha256_;
};

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
    if (!kinds.md5 && !kinds.sha256) {
        return {};
    }
    const RawFile file = RawFile::open_readable(path);
    DigestSet digests(kinds);
    std::uint64_t position = 0;
    for (const Region& range : data_ranges(file)) {
        digests.update_zeros(range.offset - position);
        const std::uint64_t end = range.offset + range.size;
        for (position = range.offset; position < end;) {
            const std::uint64_t length = std::min(k_chunk, end - position);
            digests.update(file.read(position, static_cast<std::size_t>(length)));
            position += length;
        }
    }
    digests.update_zeros(file.size() - position);
    return digests.finish();
}

void write_checksum_files(const std::string& image_path,
                          const Checksums& checksums,
                          const std::string& prefix) {
    write_one(image_path, "md5", checksums.md5, prefix);
    write_one(image_path, "sha256", checksums.sha256, prefix);
}

} // namespace kiln::disk
