#include "inspect/file_diff.hpp"

#include "util/text.hpp"

#include <array>
#include <ctime>
#include <set>

namespace kiln::inspect {
namespace {

using util::EntryType;

std::string octal(unsigned mode) {
    std::string text;
    for (int shift = 9; shift >= 0; shift -= 3) {
        text += static_cast<char>('0' + (mode >> static_cast<unsigned>(shift) & 7U));
    }
    return text;
}

/// "2026-01-31T12:00:00.000000001Z", without the fraction where it is 0.
std::string time_text(const util::EntryTime& time, bool fractions) {
    std::tm parts{};
    const std::time_t seconds = time.seconds;
    std::array<char, 64> text{};
    if (::gmtime_r(&seconds, &parts) == nullptr ||
        std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts) == 0) {
        return std::to_string(time.seconds);
    }
    std::string all = text.data();
    if (fractions && time.nanoseconds != 0) {
        const std::string digits = std::to_string(time.nanoseconds);
        all += "." + std::string(9 - std::min<std::size_t>(9, digits.size()), '0') + digits;
    }
    return all + "Z";
}

/// The names of each file that has several.
using Names = std::map<std::uint64_t, std::set<std::string>>;

Names names_of(const TreeIndex& tree, const TreeIndex& other) {
    Names names;
    for (const auto& [path, file] : tree.files) {
        // A name that came or went is told as such.
        if (file.type != EntryType::directory && other.files.contains(path)) {
            names[file.identity].insert(path);
        }
    }
    return names;
}

std::optional<std::string>
others(const Names& names, const IndexedFile& file, const std::string& path) {
    std::vector<std::string> found;
    const auto all = names.find(file.identity);
    if (all != names.end()) {
        for (const std::string& name : all->second) {
            if (name != path) {
                found.push_back("/" + name);
            }
        }
    }
    return found.empty() ? std::nullopt : std::optional(util::join(found, " "));
}

class FileComparison {
public:
    FileComparison(const TreeIndex& a, const TreeIndex& b, Times times)
        : a_(a),
          b_(b),
          times_(times),
          fractions_(a.has_fractions && b.has_fractions),
          names_a_(names_of(a, b)),
          names_b_(names_of(b, a)) {}

    std::vector<FileDifference> run() {
        auto left = a_.files.begin();
        auto right = b_.files.begin();
        while (left != a_.files.end() || right != b_.files.end()) {
            const bool only_left =
                right == b_.files.end() || (left != a_.files.end() && left->first < right->first);
            const bool only_right =
                left == a_.files.end() || (right != b_.files.end() && right->first < left->first);
            if (only_left) {
                add_one_sided(*left++, Presence::removed);
            } else if (only_right) {
                add_one_sided(*right++, Presence::added);
            } else {
                compare(left->first, left->second, right->second);
                ++left;
                ++right;
            }
        }
        return std::move(found_);
    }

private:
    void add_one_sided(const std::pair<const std::string, IndexedFile>& file, Presence presence) {
        if (!file.first.empty()) {
            found_.push_back({.path = file.first, .presence = presence, .type = file.second.type});
        }
    }

    void compare(const std::string& path, const IndexedFile& a, const IndexedFile& b) {
        changes_.clear();
        note("type", type_name(a.type), type_name(b.type));
        if (a.type == b.type) {
            note("content", a.digest, b.digest);
            note("size", std::to_string(a.size), std::to_string(b.size));
            note("target", a.target, b.target);
        }
        note("mode", octal(a.mode), octal(b.mode));
        note("owner", owner_of(a), owner_of(b));
        if (times_ == Times::compared) {
            note("time", time_text(a.modified, fractions_), time_text(b.modified, fractions_));
        }
        compare_attributes(a, b);
        const auto links_a = others(names_a_, a, path);
        const auto links_b = others(names_b_, b, path);
        if (links_a != links_b) {
            changes_.push_back({.property = "links", .a = links_a, .b = links_b});
        }
        if (!changes_.empty()) {
            found_.push_back({.path = path, .type = b.type, .changes = std::move(changes_)});
        }
    }

    void note(const std::string& property, const std::string& a, const std::string& b) {
        if (a != b) {
            changes_.push_back({.property = property, .a = a, .b = b});
        }
    }

    static std::string owner_of(const IndexedFile& file) {
        return std::to_string(file.user) + ":" + std::to_string(file.group);
    }

    void compare_attributes(const IndexedFile& a, const IndexedFile& b) {
        auto all = a.attributes;
        all.insert(b.attributes.begin(), b.attributes.end());
        for (const auto& [name, ignored] : all) {
            const auto in_a = a.attributes.find(name);
            const auto in_b = b.attributes.find(name);
            Change change{.property = "xattr " + name};
            if (in_a != a.attributes.end()) {
                change.a = in_a->second;
            }
            if (in_b != b.attributes.end()) {
                change.b = in_b->second;
            }
            if (change.a != change.b) {
                changes_.push_back(std::move(change));
            }
        }
    }

    const TreeIndex& a_;
    const TreeIndex& b_;
    Times times_;
    bool fractions_;
    Names names_a_;
    Names names_b_;
    std::vector<Change> changes_;
    std::vector<FileDifference> found_;
};

} // namespace

std::vector<FileDifference> diff_files(const TreeIndex& a, const TreeIndex& b, Times times) {
    return FileComparison(a, b, times).run();
}

std::string presence_name(Presence presence) {
    switch (presence) {
    case Presence::added:
        return "added";
    case Presence::removed:
        return "removed";
    case Presence::changed:
        break;
    }
    return "changed";
}

std::string type_name(EntryType type) {
    switch (type) {
    case EntryType::directory:
        return "folder";
    case EntryType::symlink:
        return "link";
    case EntryType::fifo:
        return "FIFO";
    case EntryType::socket:
        return "socket";
    case EntryType::device:
        return "device";
    default:
        return "file";
    }
}

} // namespace kiln::inspect
