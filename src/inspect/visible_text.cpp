#include "inspect/visible_text.hpp"

#include "archive/attributes.hpp"
#include "disk/byte_order.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace kiln::inspect {
namespace {

using disk::get_number;

// linux/capability.h, in the order of their numbers.
constexpr std::array<std::string_view, 41> k_capabilities = {"chown",
                                                             "dac_override",
                                                             "dac_read_search",
                                                             "fowner",
                                                             "fsetid",
                                                             "kill",
                                                             "setgid",
                                                             "setuid",
                                                             "setpcap",
                                                             "linux_immutable",
                                                             "net_bind_service",
                                                             "net_broadcast",
                                                             "net_admin",
                                                             "net_raw",
                                                             "ipc_lock",
                                                             "ipc_owner",
                                                             "sys_module",
                                                             "sys_rawio",
                                                             "sys_chroot",
                                                             "sys_ptrace",
                                                             "sys_pacct",
                                                             "sys_admin",
                                                             "sys_boot",
                                                             "sys_nice",
                                                             "sys_resource",
                                                             "sys_time",
                                                             "sys_tty_config",
                                                             "mknod",
                                                             "lease",
                                                             "audit_write",
                                                             "audit_control",
                                                             "setfcap",
                                                             "mac_override",
                                                             "mac_admin",
                                                             "syslog",
                                                             "wake_alarm",
                                                             "block_suspend",
                                                             "audit_read",
                                                             "perfmon",
                                                             "bpf",
                                                             "checkpoint_restore"};

constexpr std::uint32_t k_capability_effective = 1;
constexpr std::uint32_t k_capability_version_2 = 0x02000000;
constexpr std::uint32_t k_capability_version_3 = 0x03000000;
constexpr std::size_t k_capability_size_2 = 20;
constexpr std::size_t k_capability_size_3 = 24;

std::string escaped(char byte) {
    static constexpr std::string_view k_digits = "0123456789abcdef";
    const auto number = static_cast<unsigned char>(byte);
    return std::string("\\x") + k_digits.at(number >> 4U) + k_digits.at(number & 15U);
}

/// A row of table 3-7 of the Unicode standard: what a character of several bytes begins with.
struct Beginning {
    unsigned char first_from;
    unsigned char first_to;
    unsigned char second_from;
    unsigned char second_to;
    std::size_t length;
};

// But for U+0080 to U+009F, which control terminals as other control characters do.
constexpr std::array<Beginning, 9> k_beginnings = {{{0xc2, 0xc2, 0xa0, 0xbf, 2},
                                                    {0xc3, 0xdf, 0x80, 0xbf, 2},
                                                    {0xe0, 0xe0, 0xa0, 0xbf, 3},
                                                    {0xe1, 0xec, 0x80, 0xbf, 3},
                                                    {0xed, 0xed, 0x80, 0x9f, 3},
                                                    {0xee, 0xef, 0x80, 0xbf, 3},
                                                    {0xf0, 0xf0, 0x90, 0xbf, 4},
                                                    {0xf1, 0xf3, 0x80, 0xbf, 4},
                                                    {0xf4, 0xf4, 0x80, 0x8f, 4}}};

bool matches(const Beginning& row, std::string_view text) {
    const auto byte = [text](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    if (text.size() < row.length || byte(0) < row.first_from || byte(0) > row.first_to ||
        byte(1) < row.second_from || byte(1) > row.second_to) {
        return false;
    }
    return std::all_of(text.begin() + 2,
                       text.begin() + static_cast<std::ptrdiff_t>(row.length),
                       [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) == 0x80; });
}

/// Bytes of the printable character that text begins with; 0 when it does not.
std::size_t character_length(std::string_view text) {
    const auto first = static_cast<unsigned char>(text.front());
    if (first < 0x80) {
        return first >= 0x20 && first != 0x7f ? 1 : 0;
    }
    for (const Beginning& row : k_beginnings) {
        if (matches(row, text)) {
            return row.length;
        }
    }
    return 0;
}

std::string capability_names(std::uint64_t set) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < 64; ++i) {
        if ((set >> i & 1U) != 0) {
            names.push_back("cap_" + (i < k_capabilities.size() ? std::string(k_capabilities.at(i))
                                                                : std::to_string(i)));
        }
    }
    return util::join(names, ",");
}

/// struct vfs_cap_data; empty for another form.
std::string capabilities_text(std::string_view value) {
    const std::uint32_t magic = value.size() >= 4 ? get_number<std::uint32_t>(value, 0) : 0;
    const std::uint32_t version = magic & 0xff000000U;
    const bool known = (version == k_capability_version_2 && value.size() == k_capability_size_2) ||
                       (version == k_capability_version_3 && value.size() == k_capability_size_3);
    if (!known) {
        return {};
    }
    const auto both = [&](std::size_t at) {
        return get_number<std::uint32_t>(value, at) |
               std::uint64_t{get_number<std::uint32_t>(value, at + 8)} << 32U;
    };
    const std::string flags = (magic & k_capability_effective) != 0 ? "e" : "";
    std::vector<std::string> parts;
    if (both(4) != 0) {
        parts.push_back(capability_names(both(4)) + "=" + flags + "p");
    }
    if (both(8) != 0) {
        parts.push_back(capability_names(both(8)) + "+" + flags + "i");
    }
    std::string text = parts.empty() ? "=" : util::join(parts, " ");
    if (version == k_capability_version_3) {
        text += " [rootid=" + std::to_string(get_number<std::uint32_t>(value, 20)) + "]";
    }
    return text;
}

std::string entry_text(const archive::AclEntry& entry) {
    using archive::AclTag;
    std::string text;
    switch (entry.tag) {
    case AclTag::user_obj:
        text = "user::";
        break;
    case AclTag::user:
        text = "user:" + std::to_string(entry.id) + ":";
        break;
    case AclTag::group_obj:
        text = "group::";
        break;
    case AclTag::group:
        text = "group:" + std::to_string(entry.id) + ":";
        break;
    case AclTag::mask:
        text = "mask::";
        break;
    case AclTag::other:
        text = "other::";
        break;
    default:
        text = "?::";
    }
    text += (entry.permissions & 4U) != 0 ? 'r' : '-';
    text += (entry.permissions & 2U) != 0 ? 'w' : '-';
    text += (entry.permissions & 1U) != 0 ? 'x' : '-';
    return text;
}

/// Empty for another form.
std::string acl_text(std::string_view value) {
    std::vector<std::string> parts;
    try {
        for (const archive::AclEntry& entry : archive::parse_acl(value)) {
            parts.push_back(entry_text(entry));
        }
    } catch (const util::Error&) {
        return {};
    }
    return util::join(parts, ",");
}

} // namespace

std::string visible_text(std::string_view bytes) {
    std::string text;
    while (!bytes.empty()) {
        const std::size_t length = character_length(bytes);
        if (length == 0) {
            text += escaped(bytes.front());
        } else if (bytes.front() == '\\') {
            text += "\\\\";
        } else {
            text += bytes.substr(0, length);
        }
        bytes.remove_prefix(length == 0 ? 1 : length);
    }
    return text;
}

std::string attribute_text(const std::string& name, const std::string& value) {
    std::string text;
    if (name == "security.capability") {
        text = capabilities_text(value);
    } else if (name.starts_with("system.posix_acl_")) {
        text = acl_text(value);
    }
    if (!text.empty()) {
        return text;
    }
    const bool terminated = !value.empty() && value.back() == '\0';
    return visible_text(std::string_view(value).substr(0, value.size() - (terminated ? 1 : 0)));
}

} // namespace kiln::inspect
