#pragma once

#include "catalog/build_record.hpp"
#include "catalog/upload_plan.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace kiln::catalog {

/// What is known of an image file that is to be published.
struct ImageFacts {
    std::string path;
    /// As inspect::file_format names it, or "iso".
    std::string format;
    std::uint64_t size = 0;
    /// Of the disk inside, in bytes.
    std::uint64_t disk_size = 0;
    /// Seconds since 1970.
    std::int64_t modified = 0;
    std::optional<BuildRecord> record{};
};

/// What the caller wants of it.
struct PublishWishes {
    std::string name;
    std::optional<store::Visibility> visibility{};
    std::optional<bool> is_protected{};
    /// GiB and MiB.
    std::optional<std::uint64_t> min_disk{};
    std::optional<std::uint64_t> min_ram{};
    std::set<std::string> tags{};
    /// An empty value leaves a property out that would be there by itself.
    std::map<std::string, std::string> properties{};
    /// Only these, beside those of the rotation: kiln describes nothing, nor by a tag "os:...".
    bool exact_properties = false;
    std::string version{};
    std::string container_format = "bare";
    std::size_t keep = 3;
    std::string tag = k_default_tag;
};

/// Puts both together: properties after SCS scs-0102 as far as the build tells them, min_disk from
/// the size of the disk inside, a version from the time of the build ("20261128-174700", UTC).
/// digest is left empty. Throws util::Error (code usage) for a min_disk below the disk's size, an
/// image that Glance has no format for, and names and properties that it would refuse.
WantedImage wanted_image(const ImageFacts& facts, const PublishWishes& wishes);

} // namespace kiln::catalog
