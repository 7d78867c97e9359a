#include "store/file_digest.hpp"

#include "store/store_error.hpp"
#include "util/atomic_file.hpp"
#include "util/digest.hpp"
#include "util/fd.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <optional>
#include <vector>

namespace kiln::store {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t k_chunk = std::size_t{1024} * 1024;

std::optional<util::DigestKind> kind_of(const std::string& algorithm) {
    if (algorithm == "sha512") {
        return util::DigestKind::sha512;
    }
    if (algorithm == "sha256") {
        return util::DigestKind::sha256;
    }
    return algorithm == "md5" ? std::optional(util::DigestKind::md5) : std::nullopt;
}

bool has_digest(const std::string& path, const Image& image) {
    const std::string digest = file_digest(path, image.hash_algorithm);
    if (!digest.empty() && !image.hash_value.empty()) {
        return digest == image.hash_value;
    }
    return image.checksum.empty() || file_digest(path, "md5") == image.checksum;
}

void require_data(const Image& image) {
    if (image.status == ImageStatus::deactivated) {
        throw StoreError(Problem::forbidden,
                         {.what = "image '" + image.name + "' (" + image.id + ") is deactivated",
                          .hint = "openstack image set --activate " + image.id,
                          .code = util::ExitCode::remote});
    }
    if (image.status != ImageStatus::active) {
        throw StoreError(Problem::conflict,
                         {.what = "image '" + image.name + "' (" + image.id +
                                  ") has no data: its state is '" + status_name(image.status) + "'",
                          .code = util::ExitCode::remote});
    }
}

} // namespace

std::string file_digest(const std::string& path, const std::string& algorithm) {
    const std::optional<util::DigestKind> kind = kind_of(algorithm);
    if (!kind) {
        return "";
    }
    const util::Fd fd = util::open_file(path, O_RDONLY);
    util::Digest digest(*kind);
    std::vector<char> buffer(k_chunk);
    while (true) {
        const ssize_t count = ::read(fd.get(), buffer.data(), buffer.size());
        if (count < 0) {
            util::throw_errno("cannot read '" + path + "'");
        }
        if (count == 0) {
            return digest.finish();
        }
        digest.update({buffer.data(), static_cast<std::size_t>(count)});
    }
}

void download_verified(const Image& image,
                       const std::string& path,
                       const std::function<void(const std::string& part)>& fetch) {
    require_data(image);
    const std::string part = path + ".part";
    const bool resumed = fs::exists(part) && fs::file_size(part) > 0;
    fetch(part);
    if (!has_digest(part, image) && resumed) {
        fs::remove(part);
        fetch(part);
    }
    if (!has_digest(part, image)) {
        fs::remove(part);
        throw StoreError(Problem::damaged,
                         {.what = "the data of image '" + image.id +
                                  "' that came has not the digest that the store tells",
                          .hint = "run the same command again; when it stays so, the store is "
                                  "damaged",
                          .code = util::ExitCode::remote});
    }
    fs::rename(part, path);
    util::sync_directory(fs::absolute(path).parent_path().string());
}

} // namespace kiln::store
