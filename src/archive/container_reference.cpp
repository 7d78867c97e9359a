#include "archive/container_reference.hpp"

#include "util/error.hpp"

#include <cctype>
#include <regex>

namespace kiln::archive {
namespace {

constexpr std::size_t k_longest_name = 255;

const std::regex& pattern() {
    // (registry[:port]/)? component(/component)* (:tag)?
    static const std::regex k_pattern(
        R"(((?:[A-Za-z0-9.-]+(?::[0-9]+)?/)?)"
        R"([a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*))"
        R"((?::([A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?)");
    return k_pattern;
}

} // namespace

ContainerReference parse_container_reference(const std::string& text) {
    std::smatch match;
    if (text.size() > k_longest_name || !std::regex_match(text, match, pattern())) {
        throw util::Error({.what = "'" + text + "' is no name of a container image",
                           .hint = "write REPOSITORY or REPOSITORY:TAG in lower case, as "
                                   "--docker-target team/web:1.0",
                           .code = util::ExitCode::usage});
    }
    ContainerReference reference{.name = match[1]};
    if (match[2].matched) {
        reference.tag = match[2];
    }
    return reference;
}

ContainerReference reference_for(const std::string& image_name) {
    std::string name;
    for (const char character : image_name) {
        const auto byte = static_cast<unsigned char>(character);
        if (byte < 0x80 && std::isalnum(byte) != 0) {
            name += static_cast<char>(std::tolower(byte));
        } else if (!name.empty() && name.back() != '-') {
            name += '-';
        }
    }
    while (!name.empty() && name.back() == '-') {
        name.pop_back();
    }
    return {.name = name.empty() ? "image" : name};
}

} // namespace kiln::archive
