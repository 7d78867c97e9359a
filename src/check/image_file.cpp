#include "check/image_file.hpp"

#include "util/error.hpp"
#include "util/fd.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <string_view>

namespace kiln::check {
namespace {

// docs/interop/qcow2.txt of QEMU: all numbers are big-endian.
constexpr std::string_view k_qcow2_magic = "QFI\xfb";
constexpr std::size_t k_version_at = 4;
constexpr std::size_t k_backing_file_at = 8;
constexpr std::size_t k_incompatible_features_at = 72;
constexpr std::uint64_t k_external_data_file = 4;

using Header = std::array<char, 104>;

std::uint64_t big_endian(const Header& header, std::size_t at, std::size_t bytes) {
    std::uint64_t number = 0;
    for (std::size_t i = at; i < at + bytes; ++i) {
        number = number << 8U | static_cast<unsigned char>(header.at(i));
    }
    return number;
}

void refuse(const std::string& image, const std::string& what) {
    throw util::Error(
        {.what = "'" + image + "' " + what,
         .hint = "make one that stands alone: qemu-img convert -O qcow2 " + image + " NEW.qcow2",
         .code = util::ExitCode::test});
}

} // namespace

std::string detect_format(const std::string& image) {
    const util::Fd fd = util::open_file(image, O_RDONLY);
    Header header{};
    const ssize_t count = ::pread(fd.get(), header.data(), header.size(), 0);
    if (count < 0) {
        util::throw_errno("cannot read '" + image + "'");
    }
    if (!std::string_view(header.data(), header.size()).starts_with(k_qcow2_magic)) {
        return "raw";
    }
    if (big_endian(header, k_backing_file_at, 8) != 0) {
        refuse(image, "needs a backing file");
    }
    const bool has_features = big_endian(header, k_version_at, 4) >= 3;
    if (has_features &&
        (big_endian(header, k_incompatible_features_at, 8) & k_external_data_file) != 0) {
        refuse(image, "keeps its data in another file");
    }
    return "qcow2";
}

process::Command
raw_copy_command(const std::string& image, const std::string& format, const std::string& target) {
    // An absolute path: qemu-img would take "nbd:..." and the like for an address.
    const std::string source = std::filesystem::absolute(image);
    return {.argv = {"qemu-img", "convert", "-f", format, "-O", "raw", source, target},
            .environment = process::tool_environment()};
}

} // namespace kiln::check
