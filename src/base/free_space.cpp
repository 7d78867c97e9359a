#include "base/free_space.hpp"

#include <sys/statvfs.h>

#include <cstdint>

namespace kiln::base {
namespace {

constexpr std::uint64_t k_reserve = std::uint64_t{128} * 1024 * 1024;

bool is_short(const struct statvfs& space) {
    return std::uint64_t{space.f_bavail} * space.f_frsize < k_reserve;
}

} // namespace

bool is_nearly_full(int fd) {
    struct statvfs space {};

    return ::fstatvfs(fd, &space) == 0 && is_short(space);
}

bool is_nearly_full(const std::string& path) {
    struct statvfs space {};

    return ::statvfs(path.c_str(), &space) == 0 && is_short(space);
}

} // namespace kiln::base
