#include "base/checksum_list.hpp"

#include "util/error.hpp"
#include "util/text.hpp"

namespace kiln::base {
namespace {

/// Real lists have some hundred lines.
constexpr std::size_t k_most_bytes = std::size_t{16} * 1024 * 1024;
constexpr std::size_t k_longest_line = 4096;

struct Line {
    std::string name;
    ImageDigest digest;
};

bool begins(std::string_view text, std::string_view prefix) {
    return text.substr(0, prefix.size()) == prefix;
}

std::string without_dot(std::string_view name) {
    return std::string(begins(name, "./") ? name.substr(2) : name);
}

/// "SHA256 (NAME) = HEX"; the name may hold parentheses.
std::optional<Line> tagged_line(std::string_view text) {
    constexpr std::string_view k_open = " (";
    constexpr std::string_view k_close = ") = ";
    const std::size_t open = text.find(k_open);
    const std::size_t close = text.rfind(k_close);
    if (open == std::string_view::npos || close == std::string_view::npos || close <= open) {
        return std::nullopt;
    }
    const std::string_view tag = text.substr(0, open);
    const auto digest = digest_from_hex(text.substr(close + k_close.size()));
    const std::size_t start = open + k_open.size();
    if (!digest || close <= start ||
        tag != (digest->kind == util::DigestKind::sha256 ? "SHA256" : "SHA512")) {
        return std::nullopt;
    }
    return Line{.name = without_dot(text.substr(start, close - start)), .digest = *digest};
}

/// "HEX  NAME" or "HEX *NAME". A line with a leading backslash, whose name is escaped, is none.
std::optional<Line> plain_line(std::string_view text) {
    const std::size_t blank = text.find(' ');
    if (blank == std::string_view::npos || text.size() < blank + 3) {
        return std::nullopt;
    }
    const auto digest = digest_from_hex(text.substr(0, blank));
    const char mode = text[blank + 1];
    if (!digest || (mode != ' ' && mode != '*')) {
        return std::nullopt;
    }
    return Line{.name = without_dot(text.substr(blank + 2)), .digest = *digest};
}

[[noreturn]] void refuse(const std::string& source, std::size_t number, const std::string& what) {
    throw util::Error(
        {.what = source + ":" + std::to_string(number) + ": " + what,
         .hint = "a list of SHA-256 or SHA-512 sums is needed, as sha256sum prints it",
         .code = util::ExitCode::remote});
}

Line line_of(std::string_view text, const std::string& source, std::size_t number) {
    if (begins(text, "-----BEGIN PGP")) {
        refuse(source, number, "the list still has its signature around it");
    }
    const bool odd = text.size() > k_longest_line || text.find('\0') != std::string_view::npos;
    auto line = odd ? std::nullopt : plain_line(text);
    if (!line && !odd) {
        line = tagged_line(text);
    }
    if (!line || line->name.empty()) {
        refuse(source, number, "this is no line of a checksum list");
    }
    return *line;
}

} // namespace

ChecksumList ChecksumList::parse(std::string_view text, const std::string& source) {
    ChecksumList list;
    if (text.size() > k_most_bytes) {
        refuse(source, 1, "the list is too long");
    }
    std::size_t number = 0;
    for (std::string text_line : util::split(text, '\n')) {
        ++number;
        if (!text_line.empty() && text_line.back() == '\r') {
            text_line.pop_back();
        }
        if (util::trim(text_line).empty() || text_line.front() == '#') {
            continue;
        }
        const Line line = line_of(text_line, source, number);
        const auto [known, is_new] = list.entries_.emplace(line.name, line.digest);
        if (!is_new && known->second.kind == line.digest.kind && known->second != line.digest) {
            refuse(source, number, "'" + line.name + "' has another sum above");
        }
        if (line.digest.kind == util::DigestKind::sha512) {
            known->second = line.digest;
        }
    }
    if (list.entries_.empty()) {
        refuse(source, number, "the list is empty");
    }
    return list;
}

std::optional<ImageDigest> ChecksumList::find(const std::string& name) const {
    const auto found = entries_.find(name);
    return found == entries_.end() ? std::nullopt : std::optional(found->second);
}

} // namespace kiln::base
