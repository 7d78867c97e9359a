#include "catalog/wanted.hpp"

#include "util/error.hpp"
#include "util/text.hpp"
#include "util/utc_time.hpp"

#include <algorithm>
#include <array>

namespace kiln::catalog {
namespace {

constexpr std::uint64_t k_gib = std::uint64_t{1024} * 1024 * 1024;
constexpr std::size_t k_longest_text = 255;

/// SCS takes less than this for a mistake.
constexpr std::uint64_t k_least_ram = 64;
/// Enough for a server's kernel and systemd.
constexpr std::uint64_t k_usual_ram = 512;

[[noreturn]] void refuse(const std::string& what, const std::string& hint) {
    throw util::Error({.what = what, .hint = hint, .code = util::ExitCode::usage});
}

std::int64_t build_time(const ImageFacts& facts) {
    return facts.record ? facts.record->built : facts.modified;
}

/// "2026-11-28 17:47", UTC.
std::string date_of(std::int64_t time) {
    return util::replace_all(util::iso_time(time).substr(0, 16), "T", " ");
}

/// "20261128-174700", UTC.
std::string version_of(std::int64_t time) {
    const std::string text =
        util::replace_all(util::replace_all(util::iso_time(time), "-", ""), ":", "");
    return util::replace_all(text.substr(0, text.size() - 1), "T", "-");
}

std::string glance_format(const ImageFacts& facts) {
    constexpr std::array<std::string_view, 11> k_formats = {
        "qcow2", "raw", "vmdk", "vdi", "vhdx", "vhd", "iso", "ploop", "aki", "ari", "ami"};
    if (std::find(k_formats.begin(), k_formats.end(), facts.format) == k_formats.end()) {
        refuse("'" + facts.path + "' is a " + facts.format + ", which no cloud boots",
               "publish a disk image: kiln build -t qcow2 or raw");
    }
    return facts.format;
}

std::uint64_t min_disk_of(const ImageFacts& facts, const PublishWishes& wishes) {
    const std::uint64_t needed = (facts.disk_size + k_gib - 1) / k_gib;
    if (!wishes.min_disk) {
        return needed;
    }
    if (*wishes.min_disk < needed) {
        refuse("--min-disk: the disk of '" + facts.path + "' needs " + std::to_string(needed) +
                   " GiB, more than " + std::to_string(*wishes.min_disk),
               "leave --min-disk out, or give " + std::to_string(needed) + " or more");
    }
    return *wishes.min_disk;
}

std::uint64_t min_ram_of(const PublishWishes& wishes) {
    const std::uint64_t ram = wishes.min_ram.value_or(k_usual_ram);
    if (ram < k_least_ram && ram != 0) {
        refuse("--min-ram: " + std::to_string(ram) + " MiB boot no system",
               "give MiB: 512, or 0 for no limit");
    }
    return ram;
}

bool has_element(const BuildRecord& record, const std::string& name) {
    return std::find(record.elements.begin(), record.elements.end(), name) != record.elements.end();
}

/// The user whom cloud-init makes where its configuration is Debian's or Ubuntu's.
std::string original_user(const BuildRecord& record) {
    const bool usual = record.os_distro == "debian" || record.os_distro == "ubuntu";
    return usual && has_element(record, "cloud-init") ? record.os_distro : "none";
}

std::map<std::string, std::string> properties_of_build(const BuildRecord& record) {
    const std::string elements = util::join(record.elements, " ");
    return {{"architecture", record.architecture},
            {"os_distro", record.os_distro},
            {"os_version", record.os_version},
            {"hw_disk_bus", "virtio"},
            {"image_original_user", original_user(record)},
            {"image_description", "built by kiln " + record.kiln + " from " + elements},
            {"kiln_elements", elements},
            {key::k_build, record.build}};
}

/// All that kiln would say of the image by itself.
std::map<std::string, std::string> described(const ImageFacts& facts, const PublishWishes& wishes) {
    std::map<std::string, std::string> properties = {
        {key::k_build_date, date_of(build_time(facts))},
        {"image_source", "private"},
        {"image_description", wishes.name},
        {"replace_frequency", "never"},
        {"provided_until", "none"},
        {"uuid_validity", "last-" + std::to_string(wishes.keep)}};
    if (facts.record) {
        for (auto& [name, value] : properties_of_build(*facts.record)) {
            properties[name] = value;
        }
    }
    return properties;
}

/// The little that tells which build it is.
std::map<std::string, std::string> undescribed(const ImageFacts& facts) {
    return facts.record ? std::map<std::string, std::string>{{key::k_build, facts.record->build}}
                        : std::map<std::string, std::string>{};
}

void add_properties(const ImageFacts& facts, const PublishWishes& wishes, WantedImage& wanted) {
    wanted.properties = wishes.exact_properties ? undescribed(facts) : described(facts, wishes);
    wanted.no_other_properties = wishes.exact_properties;
    for (const auto& [name, value] : wishes.properties) {
        if (value.empty()) {
            wanted.properties.erase(name);
            wanted.unwanted_properties.insert(name);
        } else {
            wanted.properties[name] = value;
        }
    }
    // What the build does not know.
    for (auto property = wanted.properties.begin(); property != wanted.properties.end();) {
        property =
            property->second.empty() ? wanted.properties.erase(property) : std::next(property);
    }
}

void check_name(const std::string& name) {
    const std::string_view trimmed = util::trim(name);
    const bool printable = std::all_of(name.begin(), name.end(), [](char character) {
        return static_cast<unsigned char>(character) >= 0x20 && character != 0x7f;
    });
    // Room for " candidate " and a version.
    constexpr std::size_t k_longest_name = 200;
    if (name.empty() || trimmed.size() != name.size() || !printable ||
        name.size() > k_longest_name) {
        refuse("--name: '" + name + "' is no name for an image",
               "give up to 200 printable characters, without blanks around them");
    }
}

void check_texts(const PublishWishes& wishes) {
    for (const auto& [name, value] : wishes.properties) {
        if (is_kept_by_kiln(name)) {
            refuse("--property: '" + name + "' is kept by kiln itself",
                   name == key::k_version ? "use --image-version" : "leave it out");
        }
        if (name.empty() || name.size() > k_longest_text) {
            refuse("--property: '" + name + "' is no name of a property", "write NAME=VALUE");
        }
    }
    for (const std::string& tag : wishes.tags) {
        if (tag.empty() || tag.size() > k_longest_text) {
            refuse("--image-tag: '" + tag + "' is no tag", "give 1 to 255 characters");
        }
    }
}

} // namespace

WantedImage wanted_image(const ImageFacts& facts, const PublishWishes& wishes) {
    check_name(wishes.name);
    check_texts(wishes);
    WantedImage wanted = {.name = wishes.name,
                          .size = facts.size,
                          .disk_format = glance_format(facts),
                          .container_format = wishes.container_format,
                          .min_disk = min_disk_of(facts, wishes),
                          .min_ram = min_ram_of(wishes),
                          .visibility = wishes.visibility,
                          .is_protected = wishes.is_protected,
                          .tags = wishes.tags,
                          .version = wishes.version};
    add_properties(facts, wishes, wanted);
    wanted.tags.insert(wishes.tag);
    const auto distro = wanted.properties.find("os_distro");
    if (distro != wanted.properties.end() && !wishes.exact_properties) {
        wanted.tags.insert("os:" + distro->second);
    }
    if (wanted.version.empty()) {
        wanted.version = version_of(build_time(facts));
    }
    return wanted;
}

} // namespace kiln::catalog
