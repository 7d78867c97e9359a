#include "catalog/uploader.hpp"

#include "util/digest.hpp"
#include "util/fd.hpp"
#include "util/text.hpp"

#include <unistd.h>

#include <filesystem>
#include <system_error>
#include <vector>

namespace kiln::catalog {
namespace {

std::string content_of(const std::string& path) {
    try {
        return std::string(util::trim(util::read_file(path)));
    } catch (const std::exception&) {
        return "";
    }
}

std::string machine() {
    constexpr std::size_t k_length = 16;
    std::error_code error;
    const std::string space = std::filesystem::read_symlink("/proc/self/ns/pid", error).string();
    return util::sha256(content_of("/etc/machine-id") + "\n" +
                        content_of("/proc/sys/kernel/random/boot_id") + "\n" + space)
        .substr(0, k_length);
}

/// Field 22 of proc(5)'s stat; the name before it, in parentheses, may hold anything.
std::string start_of(const std::string& pid) {
    const std::string text = content_of("/proc/" + pid + "/stat");
    const std::size_t end = text.rfind(')');
    if (end == std::string::npos) {
        return "";
    }
    constexpr std::size_t k_start_after_name = 19;
    const std::vector<std::string> fields = util::split_words(text.substr(end + 1));
    return fields.size() > k_start_after_name ? fields[k_start_after_name] : "";
}

} // namespace

std::string this_uploader() {
    const std::string pid = std::to_string(::getpid());
    return machine() + "-" + pid + "-" + start_of(pid);
}

UploaderState state_of_uploader(const std::string& uploader) {
    const std::vector<std::string> parts = util::split(uploader, '-');
    constexpr std::size_t k_parts = 3;
    if (parts.size() != k_parts || parts[0] != machine()) {
        return UploaderState::unknown;
    }
    const bool digits = parts[1].find_first_not_of("0123456789") == std::string::npos;
    const std::string start = digits && !parts[1].empty() ? start_of(parts[1]) : "";
    return !start.empty() && start == parts[2] ? UploaderState::alive : UploaderState::ended;
}

} // namespace kiln::catalog
