#include "cache/os_release.hpp"

#include "cache/tree_file.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

namespace kiln::cache {
namespace {

constexpr std::size_t k_longest_word = 64;

/// Shell words, of which no system uses more than the quotes.
std::string value_of(std::string_view text) {
    const std::string value(util::trim(text));
    return util::replace_all(util::replace_all(value, "\"", ""), "'", "");
}

std::string allowed(const std::string& word) {
    static constexpr const char* k_letters = "abcdefghijklmnopqrstuvwxyz0123456789._-";
    const bool fits =
        word.size() <= k_longest_word && word.find_first_not_of(k_letters) == std::string::npos;
    return fits ? word : "";
}

std::string text_of(const util::RootDir& tree) {
    for (const char* path : {"etc/os-release", "usr/lib/os-release"}) {
        try {
            if (const auto text = read_bounded(tree, path)) {
                return *text;
            }
        } catch (const util::Error&) { // NOLINT(bugprone-empty-catch): the other may do
        }
    }
    return "";
}

} // namespace

OsRelease parse_os_release(std::string_view text) {
    OsRelease release;
    for (const std::string& line : util::split(text, '\n')) {
        const std::size_t equals = line.find('=');
        if (equals == std::string::npos) {
            continue;
        }
        const std::string name = line.substr(0, equals);
        const std::string value = value_of(line.substr(equals + 1));
        if (name == "ID") {
            release.id = value;
        } else if (name == "ID_LIKE") {
            release.id_like = value;
        } else if (name == "VERSION_ID") {
            release.version_id = value;
        }
    }
    return release;
}

OsRelease read_os_release(const util::RootDir& tree) {
    OsRelease release = parse_os_release(text_of(tree));
    release.id = allowed(release.id);
    release.version_id = allowed(release.version_id);
    return release;
}

} // namespace kiln::cache
