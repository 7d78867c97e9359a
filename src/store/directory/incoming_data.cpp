#include "store/directory/incoming_data.hpp"

#include "store/directory/data_writer.hpp"
#include "store/store_error.hpp"
#include "util/digest.hpp"

#include <string_view>
#include <vector>

namespace kiln::store {
namespace {

constexpr std::size_t k_buffer = 1024UL * 1024;
constexpr std::size_t k_header = 32;

/// Bytes 24 to 31 of a qcow2 header, big endian (docs/interop/qcow2.txt of QEMU).
std::optional<std::uint64_t> qcow2_size(std::string_view header) {
    if (header.size() < k_header || header.substr(0, 4) != "QFI\xfb") {
        return std::nullopt;
    }
    std::uint64_t size = 0;
    for (const char byte : header.substr(24, 8)) {
        size = (size << 8U) | static_cast<unsigned char>(byte);
    }
    return size;
}

[[noreturn]] void refuse_size(const std::string& what, std::uint64_t announced) {
    throw StoreError(Problem::damaged,
                     {.what = "the data " + what + " of " + std::to_string(announced) + " bytes",
                      .hint = "was the file changed meanwhile? Upload it again",
                      .code = util::ExitCode::failed});
}

} // namespace

StoredData
write_data(int fd, const std::string& path, const ImageData& data, const std::string& disk_format) {
    DataWriter writer(fd, path);
    util::Digest md5(util::DigestKind::md5);
    util::Digest sha512(util::DigestKind::sha512);
    StoredData stored;
    std::string header;
    std::vector<char> buffer(k_buffer);
    while (const std::size_t count = data.read(buffer.data(), buffer.size())) {
        const std::string_view part(buffer.data(), count);
        stored.size += count;
        if (stored.size > data.size) {
            refuse_size("goes on after its end", data.size);
        }
        if (header.size() < k_header) {
            header += part.substr(0, k_header - header.size());
        }
        md5.update(part);
        sha512.update(part);
        writer.write(part);
    }
    if (stored.size < data.size) {
        refuse_size("ended at byte " + std::to_string(stored.size), data.size);
    }
    writer.finish();
    stored.md5 = md5.finish();
    stored.sha512 = sha512.finish();
    if (disk_format == "raw") {
        stored.virtual_size = stored.size;
    } else if (disk_format == "qcow2") {
        stored.virtual_size = qcow2_size(header);
    }
    return stored;
}

} // namespace kiln::store
