#include "cache/apt_release.hpp"

#include "cache/apt_sources.hpp"
#include "util/text.hpp"

#include <time.h>

#include <algorithm>
#include <array>
#include <utility>

namespace kiln::cache {
namespace {

constexpr std::size_t k_digest_size = 64;

/// In this order, where the unpacked file is not listed.
constexpr std::array<std::string_view, 6> k_suffixes = {"", ".xz", ".zst", ".gz", ".bz2", ".lz4"};

bool is_digest(const std::string& text) {
    return text.size() == k_digest_size &&
           text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

bool is_index(std::string_view path) {
    return path.substr(path.rfind('/') + 1) == "Packages";
}

/// Place of a suffix in the order above, and the path without it; nothing for other suffixes.
std::optional<std::pair<std::size_t, std::string>> split_suffix(std::string path) {
    if (path.rfind("./", 0) == 0) {
        path.erase(0, 2);
    }
    const std::size_t slash = path.rfind('/');
    const std::size_t dot = path.find('.', slash == std::string::npos ? 0 : slash);
    const std::string suffix = dot == std::string::npos ? "" : path.substr(dot);
    const auto found = std::find(k_suffixes.begin(), k_suffixes.end(), suffix);
    if (found == k_suffixes.end()) {
        return std::nullopt;
    }
    return std::pair(static_cast<std::size_t>(found - k_suffixes.begin()), path.substr(0, dot));
}

/// Of lines "DIGEST SIZE PATH".
std::map<std::string, std::string> digests_of(const std::string& field) {
    std::map<std::string, std::pair<std::size_t, std::string>> best;
    for (const std::string& line : util::split(field, '\n')) {
        const std::vector<std::string> words = util::split_words(line);
        if (words.size() != 3 || !is_digest(words[0])) {
            continue;
        }
        const auto parts = split_suffix(words[2]);
        if (!parts || !is_index(parts->second)) {
            continue;
        }
        const auto known = best.find(parts->second);
        if (known == best.end() || parts->first < known->second.first) {
            best[parts->second] = {parts->first, words[0]};
        }
    }
    std::map<std::string, std::string> digests;
    for (const auto& [path, choice] : best) {
        digests[path] = choice.second;
    }
    return digests;
}

bool has_word(const std::vector<std::string>& words, const std::string& word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

} // namespace

bool AptRelease::has_all() const {
    return !all_in_others && (architectures.empty() || has_word(architectures, "all"));
}

std::string without_signature(std::string_view text) {
    if (text.rfind("-----BEGIN PGP SIGNED MESSAGE-----", 0) != 0) {
        return std::string(text);
    }
    std::string inside;
    bool in_header = true;
    for (const std::string& line : util::split(text, '\n')) {
        if (in_header) {
            in_header = !util::trim(line).empty();
        } else if (line.rfind("-----BEGIN PGP SIGNATURE-----", 0) == 0) {
            break;
        } else {
            inside.append(line.rfind("- ", 0) == 0 ? line.substr(2) : line).append("\n");
        }
    }
    return inside;
}

AptRelease parse_release(std::string_view text) {
    const std::vector<Deb822Paragraph> paragraphs = parse_deb822(text);
    if (paragraphs.empty()) {
        return {};
    }
    const Deb822Paragraph& fields = paragraphs.front();
    AptRelease release;
    release.date = parse_date(field(fields, "date"));
    release.has_valid_until = fields.count("valid-until") > 0;
    release.valid_until = parse_date(field(fields, "valid-until"));
    release.architectures = util::split_words(field(fields, "architectures"));
    release.all_in_others =
        has_word(util::split_words(field(fields, "no-support-for-architecture-all")), "Packages");
    release.digests = digests_of(field(fields, "sha256"));
    return release;
}

std::optional<std::int64_t> parse_date(const std::string& text) {
    constexpr std::array<std::string_view, 4> k_zones = {"UTC", "GMT", "Z", "+0000"};
    struct tm parts = {};
    const char* rest = ::strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S", &parts);
    if (rest == nullptr ||
        std::find(k_zones.begin(), k_zones.end(), util::trim(rest)) == k_zones.end()) {
        return std::nullopt;
    }
    return ::timegm(&parts);
}

} // namespace kiln::cache
