#include "net/url.hpp"

#include "util/error.hpp"

#include <algorithm>
#include <cctype>

namespace kiln::net {
namespace {

constexpr std::string_view k_mark = "://";

bool is_scheme_character(unsigned char c) {
    return std::isalnum(c) != 0 || c == '+' || c == '-' || c == '.';
}

bool is_plain(unsigned char c) {
    return c > ' ' && c != 0x7f;
}

std::string_view without_query(std::string_view url) {
    return url.substr(0, url.find_first_of("?#"));
}

} // namespace

std::string scheme_of(std::string_view url) {
    const std::size_t end = url.find(k_mark);
    if (end == std::string_view::npos || end == 0 ||
        !std::all_of(
            url.begin(), url.begin() + static_cast<std::ptrdiff_t>(end), is_scheme_character)) {
        return "";
    }
    std::string scheme(url.substr(0, end));
    std::transform(scheme.begin(), scheme.end(), scheme.begin(), [](unsigned char c) {
        return static_cast<char>(std::tolower(c));
    });
    return scheme;
}

bool is_url(std::string_view text) {
    return !scheme_of(text).empty();
}

void require_fetchable(const std::string& url, const std::string& meaning) {
    const std::string scheme = scheme_of(url);
    const bool known = scheme == "http" || scheme == "https" || scheme == "file";
    const bool plain = std::all_of(url.begin(), url.end(), is_plain);
    if (!known || !plain || url.size() <= scheme.size() + k_mark.size()) {
        throw util::Error({.what = meaning + ": '" + display_url(url) + "' is no URL to fetch from",
                           .hint = "give https://..., http://... or file:///...",
                           .code = util::ExitCode::usage});
    }
}

std::string display_url(std::string_view url) {
    const std::string_view shown = without_query(url);
    const std::size_t mark = shown.find(k_mark);
    if (mark == std::string_view::npos) {
        return std::string(shown);
    }
    const std::size_t host = mark + k_mark.size();
    const std::string_view authority = shown.substr(host, shown.find('/', host) - host);
    // Of several '@' the last ends the user's part.
    const std::size_t at = authority.rfind('@');
    const std::size_t skipped = at == std::string_view::npos ? 0 : at + 1;
    return std::string(shown.substr(0, host)).append(shown.substr(host + skipped));
}

UrlAndLogin take_login(std::string_view url) {
    const std::size_t mark = url.find(k_mark);
    if (mark == std::string_view::npos) {
        return {.url = std::string(url)};
    }
    const std::size_t begin = mark + k_mark.size();
    const std::size_t end = std::min(url.find_first_of("/?#", begin), url.size());
    const std::size_t at = url.substr(begin, end - begin).rfind('@');
    if (at == std::string_view::npos) {
        return {.url = std::string(url)};
    }
    return {.url = std::string(url.substr(0, begin)) + std::string(url.substr(begin + at + 1)),
            .login = std::string(url.substr(begin, at))};
}

std::string server_of(std::string_view url) {
    const std::string plain = take_login(url).url;
    const std::size_t mark = plain.find(k_mark);
    return mark == std::string::npos ? "" : plain.substr(0, plain.find_first_of("/?#", mark + 3));
}

std::string join_url(std::string_view base, std::string_view name) {
    while (!base.empty() && base.back() == '/') {
        base.remove_suffix(1);
    }
    return std::string(base).append("/").append(name);
}

std::string encode_component(std::string_view text) {
    constexpr std::string_view k_digits = "0123456789ABCDEF";
    constexpr unsigned k_low = 0x0f;
    std::string encoded;
    for (const char character : text) {
        const auto byte = static_cast<unsigned char>(character);
        const bool plain =
            byte < 0x80 && (std::isalnum(byte) != 0 || character == '-' || character == '.' ||
                            character == '_' || character == '~');
        if (plain) {
            encoded.push_back(character);
        } else {
            encoded.append({'%', k_digits[byte >> 4U], k_digits[byte & k_low]});
        }
    }
    return encoded;
}

std::string file_name_of(std::string_view url) {
    const std::string_view path = without_query(url);
    return std::string(path.substr(path.rfind('/') + 1));
}

} // namespace kiln::net
