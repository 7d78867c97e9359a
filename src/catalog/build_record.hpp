#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kiln::catalog {

/// What a build leaves beside each image ("web.qcow2.kiln.json"), for whoever publishes it.
struct BuildRecord {
    /// Of the file, lower-case hexadecimal.
    std::string sha256;
    std::uint64_t size = 0;
    /// Of the file, in nanoseconds since 1970: another file under the name is not what this tells
    /// of.
    std::int64_t modified = 0;
    /// "qcow2"; as disk::ImageFormat is named.
    std::string format{};
    /// Size of the disk inside, in bytes; 0 without one.
    std::uint64_t disk_size = 0;
    /// What the build's inputs come to (the key of the image); the same inputs, the same text. May
    /// be empty where the cache had no key.
    std::string build{};
    /// When it was made, seconds since 1970.
    std::int64_t built = 0;
    /// As asked for, without their dependencies.
    std::vector<std::string> elements{};
    /// "x86_64", "aarch64": as Glance's property architecture.
    std::string architecture{};
    /// ID and VERSION_ID of the tree's os-release; empty where there is none.
    std::string os_distro{};
    std::string os_version{};
    /// The version of kiln.
    std::string kiln{};
};

/// The path of the record of an image.
std::string record_path(const std::string& image);

std::string to_json(const BuildRecord& record);

/// Nothing when the text is no record.
std::optional<BuildRecord> build_record_from_json(const std::string& text);

/// The same record, telling of the file as it is now. Throws util::Error when there is none.
BuildRecord with_state_of(const std::string& file, BuildRecord record);

/// Puts it beside the image, whole or not at all, with the image's size and time as they are now.
/// Throws util::Error.
void write_build_record(const std::string& image, BuildRecord record);

/// The record beside an image, if it tells of the file that is there now (size and time). Nothing
/// for a record that cannot be read, too.
std::optional<BuildRecord> read_build_record(const std::string& image);

} // namespace kiln::catalog
