#include "inspect/comparison_report.hpp"
#include "inspect/visible_text.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <map>

namespace kiln::inspect {
namespace {

constexpr std::string_view k_attribute = "xattr ";

std::string sign_of(Presence presence) {
    switch (presence) {
    case Presence::added:
        return "+";
    case Presence::removed:
        return "-";
    case Presence::changed:
        break;
    }
    return "~";
}

std::string shown_value(const Change& change, const std::optional<std::string>& value) {
    if (!value) {
        return "none";
    }
    if (change.property.starts_with(k_attribute)) {
        return attribute_text(change.property.substr(k_attribute.size()), *value);
    }
    return value->empty() ? "\"\"" : visible_text(*value);
}

std::string from_to(const Change& change) {
    return shown_value(change, change.a) + " -> " + shown_value(change, change.b);
}

/// "3 (1 added, 2 changed)".
std::string counts_text(const std::vector<std::string>& kinds) {
    std::map<std::string, std::size_t> counts;
    for (const std::string& kind : kinds) {
        ++counts[kind];
    }
    std::vector<std::string> parts;
    parts.reserve(counts.size());
    for (const auto& [kind, count] : counts) {
        parts.push_back(std::to_string(count) + " " + kind);
    }
    return std::to_string(kinds.size()) + " (" + util::join(parts, ", ") + ")";
}

std::string layout_text(const std::vector<LayoutDifference>& layout) {
    std::vector<std::string> kinds;
    std::string lines;
    for (const LayoutDifference& difference : layout) {
        kinds.push_back(presence_name(difference.presence));
        lines += "  " + sign_of(difference.presence) + " " + difference.item + "\n";
        for (const Change& change : difference.changes) {
            // A digest says no more than that it is another.
            const bool digest = change.property == "content" || change.property == "first sector" ||
                                change.property == "before the first partition";
            lines += "      " + visible_text(change.property) +
                     (digest && change.a && change.b ? " differs" : ": " + from_to(change)) + "\n";
        }
    }
    return "layout: " + counts_text(kinds) + "\n" + lines;
}

std::string package_line(const PackageDifference& difference) {
    const std::string name = visible_text(difference.name + " " + difference.architecture);
    const std::string a = visible_text(difference.a.value_or(""));
    const std::string b = visible_text(difference.b.value_or(""));
    switch (difference.change) {
    case PackageChange::added:
        return "  + " + name + " " + b;
    case PackageChange::removed:
        return "  - " + name + " " + a;
    case PackageChange::downgraded:
        return "  ~ " + name + " " + a + " -> " + b + " (downgraded)";
    default:
        return "  ~ " + name + " " + a + " -> " + b;
    }
}

std::string packages_text(const std::vector<PackageDifference>& packages) {
    std::vector<std::string> kinds;
    std::string lines;
    for (const PackageDifference& difference : packages) {
        kinds.push_back(difference.change == PackageChange::state ? "of another state"
                                                                  : change_name(difference.change));
        lines += package_line(difference) + "\n";
    }
    return "packages: " + counts_text(kinds) + "\n" + lines;
}

std::string bytes_text(const std::optional<std::string>& number) {
    std::uint64_t bytes = 0;
    const std::string text = number.value_or("0");
    std::from_chars(text.data(), text.data() + text.size(), bytes);
    return bytes < 1024 ? text + " B" : util::human_bytes(bytes);
}

std::string change_text(const Change& change) {
    if (change.property == "content") {
        return change.property;
    }
    if (change.property == "size") {
        const std::string a = bytes_text(change.a);
        const std::string b = bytes_text(change.b);
        return a == b ? "size " + from_to(change) : "size " + a + " -> " + b;
    }
    return visible_text(change.property) + " " + from_to(change);
}

std::string file_line(const FileDifference& difference) {
    std::string line = "  " + sign_of(difference.presence) + " /" + visible_text(difference.path);
    if (difference.presence != Presence::changed) {
        return line + (difference.type == util::EntryType::regular
                           ? ""
                           : " (" + type_name(difference.type) + ")");
    }
    std::vector<std::string> parts;
    for (const Change& change : difference.changes) {
        parts.push_back(change_text(change));
    }
    return line + ": " + util::join(parts, ", ");
}

std::string writers_text(const FileDifference& difference) {
    if (!difference.writer_a && !difference.writer_b) {
        return "";
    }
    if (difference.writer_a == difference.writer_b) {
        return "      by " + visible_text(*difference.writer_a) + "\n";
    }
    std::string text;
    if (difference.writer_a) {
        text += "      A: by " + visible_text(*difference.writer_a) + "\n";
    }
    if (difference.writer_b) {
        text += "      B: by " + visible_text(*difference.writer_b) + "\n";
    }
    return text;
}

std::string files_text(const std::vector<FileDifference>& files, std::size_t limit) {
    std::vector<std::string> kinds;
    std::string lines;
    for (const FileDifference& difference : files) {
        kinds.push_back(presence_name(difference.presence));
        if (limit == 0 || kinds.size() <= limit) {
            lines += file_line(difference) + "\n" + writers_text(difference);
        }
    }
    if (limit != 0 && files.size() > limit) {
        lines +=
            "  ... and " + std::to_string(files.size() - limit) + " more (--limit 0 shows all)\n";
    }
    return "files: " + counts_text(kinds) + "\n" + lines;
}

} // namespace

std::string
comparison_text(const Pair& images, const Comparison& found, const TextOptions& options) {
    if (found.same_bytes) {
        return "identical: '" + images.a + "' and '" + images.b + "' hold the same bytes\n";
    }
    std::string text = "A: " + images.a + "\nB: " + images.b + "\n";
    if (!found.layout.empty()) {
        text += layout_text(found.layout);
    }
    if (!found.packages.empty()) {
        text += packages_text(found.packages);
    }
    if (!found.files.empty()) {
        text += files_text(found.files, options.limit);
    }
    if (found.first_byte) {
        text += "bytes: the disks differ from byte " + std::to_string(*found.first_byte) +
                " on, in nothing that has a name (free space, places of blocks, times of access)\n";
    }
    if (!found.differs()) {
        text += "no difference in what was compared\n";
    }
    for (const std::string& note : found.notes) {
        text += "note: " + note + "\n";
    }
    return text;
}

} // namespace kiln::inspect
