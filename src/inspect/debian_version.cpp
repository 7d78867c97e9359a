#include "inspect/debian_version.hpp"

#include <algorithm>

namespace kiln::inspect {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// A tilde sorts before the end, letters before all others.
int order_of(std::string_view text) {
    if (text.empty() || is_digit(text.front())) {
        return 0;
    }
    const char first = text.front();
    if (first == '~') {
        return -1;
    }
    const int code = static_cast<unsigned char>(first);
    return is_letter(first) ? code : code + 256;
}

void drop_first(std::string_view& text) {
    if (!text.empty() && !is_digit(text.front())) {
        text.remove_prefix(1);
    }
}

/// Both lose their digits in front.
int compare_numbers(std::string_view& left, std::string_view& right) {
    const auto take = [](std::string_view& text) {
        const auto* const end = std::find_if_not(text.begin(), text.end(), is_digit);
        std::string_view digits = text.substr(0, static_cast<std::size_t>(end - text.begin()));
        text.remove_prefix(digits.size());
        digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
        return digits;
    };
    const std::string_view one = take(left);
    const std::string_view other = take(right);
    if (one.size() != other.size()) {
        return one.size() < other.size() ? -1 : 1;
    }
    return one.compare(other);
}

int compare_parts(std::string_view left, std::string_view right) {
    while (!left.empty() || !right.empty()) {
        while ((!left.empty() && !is_digit(left.front())) ||
               (!right.empty() && !is_digit(right.front()))) {
            if (const int order = order_of(left) - order_of(right); order != 0) {
                return order;
            }
            drop_first(left);
            drop_first(right);
        }
        if (const int order = compare_numbers(left, right); order != 0) {
            return order;
        }
    }
    return 0;
}

struct Version {
    std::string_view epoch;
    std::string_view upstream;
    std::string_view revision;
};

Version parse(std::string_view text) {
    Version version;
    const std::size_t colon = text.find(':');
    if (colon != std::string_view::npos) {
        version.epoch = text.substr(0, colon);
        text.remove_prefix(colon + 1);
    }
    const std::size_t dash = text.rfind('-');
    version.upstream = text.substr(0, dash);
    version.revision = dash == std::string_view::npos ? "" : text.substr(dash + 1);
    return version;
}

} // namespace

int compare_versions(std::string_view left, std::string_view right) {
    const Version one = parse(left);
    const Version other = parse(right);
    if (const int order = compare_parts(one.epoch, other.epoch); order != 0) {
        return order;
    }
    if (const int order = compare_parts(one.upstream, other.upstream); order != 0) {
        return order;
    }
    return compare_parts(one.revision, other.revision);
}

} // namespace kiln::inspect
