#include "base/file_mark.hpp"

#include <nlohmann/json.hpp>

#include <sys/stat.h>

namespace kiln::base {
namespace {

constexpr std::int64_t k_nanoseconds = 1'000'000'000;

std::int64_t nanoseconds(const timespec& time) {
    return std::int64_t{time.tv_sec} * k_nanoseconds + time.tv_nsec;
}

std::optional<FileMark> mark_from(const struct stat& info) {
    if (!S_ISREG(info.st_mode)) {
        return std::nullopt;
    }
    return FileMark{.size = static_cast<std::uint64_t>(info.st_size),
                    .inode = info.st_ino,
                    .modified = nanoseconds(info.st_mtim),
                    .changed = nanoseconds(info.st_ctim)};
}

} // namespace

std::optional<FileMark> mark_of(const std::string& path) {
    struct stat info = {};
    return ::lstat(path.c_str(), &info) == 0 ? mark_from(info) : std::nullopt;
}

std::optional<FileMark> mark_of(int fd) {
    struct stat info = {};
    return ::fstat(fd, &info) == 0 ? mark_from(info) : std::nullopt;
}

std::string to_json(const FileMark& mark) {
    const nlohmann::json json = {{"size", mark.size},
                                 {"inode", mark.inode},
                                 {"modified", mark.modified},
                                 {"changed", mark.changed},
                                 {"origin", mark.origin}};
    return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

std::optional<FileMark> mark_from_json(const std::string& text) {
    try {
        const nlohmann::json json = nlohmann::json::parse(text);
        return FileMark{.size = json.at("size").get<std::uint64_t>(),
                        .inode = json.at("inode").get<std::uint64_t>(),
                        .modified = json.at("modified").get<std::int64_t>(),
                        .changed = json.at("changed").get<std::int64_t>(),
                        .origin = json.at("origin").get<std::string>()};
    } catch (const nlohmann::json::exception&) {
        return std::nullopt;
    }
}

} // namespace kiln::base
