#include "catalog/build_record.hpp"

#include "util/atomic_file.hpp"
#include "util/error.hpp"
#include "util/fd.hpp"

#include <nlohmann/json.hpp>

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

namespace kiln::catalog {
namespace {

using nlohmann::json;

constexpr const char* k_version_field = "kiln_record";
constexpr int k_version = 1;
constexpr std::uintmax_t k_largest_record = std::uintmax_t{1} << 20U;
constexpr std::size_t k_sha256_length = 64;

std::int64_t modified_of(const struct stat& info) {
    constexpr std::int64_t k_nanoseconds = 1'000'000'000;
    return info.st_mtim.tv_sec * k_nanoseconds + info.st_mtim.tv_nsec;
}

bool is_sha256(const std::string& text) {
    return text.size() == k_sha256_length &&
           text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

/// json turns any number into any other.
std::uint64_t unsigned_of(const json& value) {
    if (!value.is_number_unsigned()) {
        throw util::Error({.what = "not a size"});
    }
    return value.get<std::uint64_t>();
}

std::int64_t time_of(const json& value) {
    if (!value.is_number_integer()) {
        throw util::Error({.what = "not a time"});
    }
    return value.get<std::int64_t>();
}

BuildRecord record_from(const json& object) {
    return {.sha256 = object.at("sha256").get<std::string>(),
            .size = unsigned_of(object.at("size")),
            .modified = time_of(object.at("modified")),
            .format = object.at("format").get<std::string>(),
            .disk_size = unsigned_of(object.at("disk_size")),
            .build = object.at("build").get<std::string>(),
            .built = time_of(object.at("built")),
            .elements = object.at("elements").get<std::vector<std::string>>(),
            .architecture = object.at("architecture").get<std::string>(),
            .os_distro = object.at("os_distro").get<std::string>(),
            .os_version = object.at("os_version").get<std::string>(),
            .kiln = object.at("kiln").get<std::string>()};
}

/// The text of a record's file; empty when there is none, or it is something else.
std::string record_text(const std::string& path) {
    std::error_code error;
    const bool is_file = std::filesystem::is_regular_file(path, error);
    if (!is_file || std::filesystem::file_size(path, error) > k_largest_record || error) {
        return "";
    }
    try {
        return util::read_file(path);
    } catch (const util::Error&) {
        return "";
    }
}

} // namespace

std::string record_path(const std::string& image) {
    return image + ".kiln.json";
}

std::string to_json(const BuildRecord& record) {
    const json object = {{k_version_field, k_version},
                         {"sha256", record.sha256},
                         {"size", record.size},
                         {"modified", record.modified},
                         {"format", record.format},
                         {"disk_size", record.disk_size},
                         {"build", record.build},
                         {"built", record.built},
                         {"elements", record.elements},
                         {"architecture", record.architecture},
                         {"os_distro", record.os_distro},
                         {"os_version", record.os_version},
                         {"kiln", record.kiln}};
    return object.dump(1, ' ', false, json::error_handler_t::replace) + "\n";
}

std::optional<BuildRecord> build_record_from_json(const std::string& text) {
    const json object = json::parse(text, nullptr, false);
    if (!object.is_object() || object.value(k_version_field, json()) != k_version) {
        return std::nullopt;
    }
    try {
        BuildRecord record = record_from(object);
        return is_sha256(record.sha256) ? std::optional(std::move(record)) : std::nullopt;
    } catch (const json::exception&) {
        return std::nullopt;
    } catch (const util::Error&) {
        return std::nullopt;
    }
}

BuildRecord with_state_of(const std::string& file, BuildRecord record) {
    struct stat info = {};
    if (::stat(file.c_str(), &info) != 0) {
        util::throw_errno("cannot look at '" + file + "'");
    }
    record.size = static_cast<std::uint64_t>(info.st_size);
    record.modified = modified_of(info);
    return record;
}

void write_build_record(const std::string& image, BuildRecord record) {
    const BuildRecord current = with_state_of(image, std::move(record));
    util::write_file_atomically(record_path(image), to_json(current));
}

std::optional<BuildRecord> read_build_record(const std::string& image) {
    struct stat info = {};
    if (::stat(image.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) {
        return std::nullopt;
    }
    std::optional<BuildRecord> record = build_record_from_json(record_text(record_path(image)));
    const bool fits = record && record->size == static_cast<std::uint64_t>(info.st_size) &&
                      record->modified == modified_of(info);
    return fits ? std::move(record) : std::nullopt;
}

} // namespace kiln::catalog
