#include "element/element_file.hpp"

#include "util/error.hpp"
#include "util/fd.hpp"
#include "util/text.hpp"

#include <fcntl.h>
#include <sys/stat.h>

namespace kiln::element {
namespace {

void require_sane_file(const util::Fd& fd, const std::string& path) {
    struct stat info = {};
    if (::fstat(fd.get(), &info) != 0 || !S_ISREG(info.st_mode)) {
        throw util::Error(
            {.what = "'" + path + "' is no regular file", .code = util::ExitCode::hook});
    }
    if (static_cast<std::size_t>(info.st_size) > k_largest_element_file) {
        throw util::Error(
            {.what = "'" + path + "' is larger than " + util::human_bytes(k_largest_element_file),
             .hint = "a file that describes an element is a few lines of text",
             .code = util::ExitCode::hook});
    }
}

} // namespace

std::optional<std::string> read_element_file(const std::filesystem::path& path) {
    std::error_code error;
    if (!std::filesystem::exists(path, error)) {
        return std::nullopt;
    }
    // O_NONBLOCK: a fifo of that name must not stop us.
    const util::Fd fd = util::open_file(path.string(), O_RDONLY | O_NONBLOCK);
    require_sane_file(fd, path.string());
    return util::read_all(fd.get(), path.string());
}

std::vector<NameLine> parse_name_lines(std::string_view content) {
    std::vector<NameLine> names;
    std::size_t number = 0;
    for (const std::string& line : util::split(content, '\n')) {
        ++number;
        const std::string_view name = util::trim(line);
        if (!name.empty()) {
            names.push_back({.name = std::string(name), .line = number});
        }
    }
    return names;
}

} // namespace kiln::element
