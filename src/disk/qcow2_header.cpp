#include "disk/qcow2_header.hpp"

#include "util/error.hpp"

#include <algorithm>

namespace kiln::disk {
namespace {

constexpr std::string_view k_magic = "QFI\xfb";
constexpr std::size_t k_version_2_length = 72;
constexpr std::size_t k_version_3_length = 104;
constexpr unsigned k_least_cluster_bits = 9;
constexpr unsigned k_most_cluster_bits = 21;
/// QEMU's own bound of the first-level table (QCOW_MAX_L1_SIZE).
constexpr std::uint64_t k_most_first_table = std::uint64_t{32} * 1024 * 1024;
constexpr std::uint64_t k_most_disk = std::uint64_t{1} << 46U;

constexpr std::uint64_t k_dirty = 1;
constexpr std::uint64_t k_corrupt = 2;
constexpr std::uint64_t k_data_file = 4;
constexpr std::uint64_t k_compression_type = 8;

constexpr std::uint32_t k_end_of_extensions = 0;
constexpr std::uint32_t k_backing_format = 0xe2792aca;
constexpr std::uint32_t k_data_file_name = 0x44415441;

class HeaderReader {
public:
    HeaderReader(std::string_view bytes, std::uint64_t file_size, const std::string& name)
        : bytes_(bytes.substr(0, k_qcow2_header_bytes)), file_size_(file_size), name_(name) {}

    Qcow2Header read() {
        if (!is_qcow2(bytes_)) {
            fail("it is no qcow2");
        }
        header_.version = static_cast<unsigned>(number(4, 4));
        if (header_.version != 2 && header_.version != 3) {
            fail("its version " + std::to_string(header_.version) + " is not known");
        }
        check_no_other_file();
        check_features();
        check_sizes();
        check_extensions();
        return header_;
    }

private:
    [[noreturn]] void fail(const std::string& what, const std::string& hint = {}) const {
        throw util::Error({.what = "'" + name_ + "' is refused: " + what, .hint = hint});
    }

    /// Big-endian.
    [[nodiscard]] std::uint64_t number(std::size_t at, std::size_t length) const {
        if (at > bytes_.size() || length > bytes_.size() - at) {
            fail("its header is cut off");
        }
        std::uint64_t value = 0;
        for (const char byte : bytes_.substr(at, length)) {
            value = (value << 8U) | static_cast<unsigned char>(byte);
        }
        return value;
    }

    [[nodiscard]] std::size_t length() const {
        return header_.version == 2 ? k_version_2_length : static_cast<std::size_t>(number(100, 4));
    }

    [[nodiscard]] std::uint64_t incompatible() const {
        return header_.version == 2 ? 0 : number(72, 8);
    }

    void check_no_other_file() const {
        const std::string alone =
            "make one that stands alone: qemu-img convert -O qcow2 " + name_ + " NEW.qcow2";
        if (number(8, 8) != 0 || number(16, 4) != 0) {
            fail("it needs a backing file", alone);
        }
        if ((incompatible() & k_data_file) != 0) {
            fail("it keeps its data in another file", alone);
        }
        if (number(32, 4) != 0) {
            fail("it is encrypted");
        }
    }

    void check_features() const {
        if ((incompatible() & k_corrupt) != 0) {
            fail("it is marked as corrupt", "try: qemu-img check -r all " + name_);
        }
        const std::uint64_t unknown = incompatible() & ~(k_dirty | k_corrupt | k_compression_type);
        if (unknown != 0) {
            fail("it uses features that are not known (extended L2 entries or newer)");
        }
        const bool typed = (incompatible() & k_compression_type) != 0;
        if (typed && (length() < 112 || number(104, 1) != 1)) {
            fail("its compression is not known");
        }
    }

    void check_sizes() {
        header_.cluster_bits = static_cast<unsigned>(number(20, 4));
        if (header_.cluster_bits < k_least_cluster_bits ||
            header_.cluster_bits > k_most_cluster_bits) {
            fail("its cluster size is impossible");
        }
        if (header_.version == 3 && number(96, 4) > 6) {
            fail("its reference counts are impossible");
        }
        const std::uint64_t cluster = std::uint64_t{1} << header_.cluster_bits;
        if (length() % 8 != 0 || length() > std::min<std::uint64_t>(cluster, bytes_.size()) ||
            (header_.version == 3 && length() < k_version_3_length)) {
            fail("its header has an impossible length");
        }
        header_.disk_size = number(24, 8);
        header_.first_table_entries = number(36, 4);
        header_.first_table_offset = number(40, 8);
        check_disk(cluster);
        check_place("first-level table",
                    header_.first_table_offset,
                    header_.first_table_entries * 8,
                    k_most_first_table);
        check_place("reference count table", number(48, 8), number(56, 4) * cluster, ~0ULL);
    }

    void check_disk(std::uint64_t cluster) const {
        const std::uint64_t per_entry = cluster * (cluster / 8);
        if (header_.disk_size == 0 || header_.disk_size > k_most_disk) {
            fail("its disk has an impossible size");
        }
        if ((header_.disk_size - 1) / per_entry >= header_.first_table_entries) {
            fail("its first-level table is too short for its disk");
        }
    }

    void check_place(const std::string& what,
                     std::uint64_t offset,
                     std::uint64_t size,
                     std::uint64_t most) const {
        const std::uint64_t cluster = std::uint64_t{1} << header_.cluster_bits;
        if (offset == 0 || offset % cluster != 0 || offset >= file_size_ ||
            size > std::min(most, file_size_ - offset)) {
            fail("its " + what + " lies outside of the file");
        }
    }

    /// A name of another file can also hide in an extension; QEMU would not use these without the
    /// fields above, but nobody needs them here.
    void check_extensions() const {
        std::size_t at = length();
        const std::size_t end = std::size_t{1} << header_.cluster_bits;
        while (at + 8 <= std::min(end, bytes_.size())) {
            const std::uint64_t type = number(at, 4);
            const std::uint64_t size = number(at + 4, 4);
            if (type == k_end_of_extensions) {
                return;
            }
            if (type == k_backing_format || type == k_data_file_name) {
                fail("a header extension names another file");
            }
            if (size > end - at - 8) {
                fail("a header extension is longer than the header");
            }
            at += 8 + static_cast<std::size_t>((size + 7) / 8 * 8);
        }
    }

    std::string_view bytes_;
    std::uint64_t file_size_;
    const std::string& name_;
    Qcow2Header header_;
};

} // namespace

bool is_qcow2(std::string_view bytes) {
    return bytes.starts_with(k_magic);
}

Qcow2Header
read_qcow2_header(std::string_view bytes, std::uint64_t file_size, const std::string& name) {
    return HeaderReader(bytes, file_size, name).read();
}

} // namespace kiln::disk
