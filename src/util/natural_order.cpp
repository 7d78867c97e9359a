#include "util/natural_order.hpp"

#include <algorithm>
#include <cstddef>

namespace kiln::util {
namespace {

bool is_digit(char character) {
    return character >= '0' && character <= '9';
}

/// Takes the run of digits, without leading zeros, off the front.
std::string_view take_number(std::string_view& text) {
    const auto* const end = std::find_if_not(text.begin(), text.end(), is_digit);
    std::string_view digits = text.substr(0, static_cast<std::size_t>(end - text.begin()));
    text.remove_prefix(digits.size());
    while (digits.size() > 1 && digits.front() == '0') {
        digits.remove_prefix(1);
    }
    return digits;
}

} // namespace

int natural_compare(std::string_view left, std::string_view right) {
    while (!left.empty() && !right.empty()) {
        if (is_digit(left.front()) && is_digit(right.front())) {
            const std::string_view a = take_number(left);
            const std::string_view b = take_number(right);
            const int order = a.size() == b.size() ? a.compare(b) : (a.size() < b.size() ? -1 : 1);
            if (order != 0) {
                return order;
            }
            continue;
        }
        if (left.front() != right.front()) {
            return left.substr(0, 1).compare(right.substr(0, 1));
        }
        left.remove_prefix(1);
        right.remove_prefix(1);
    }
    return left.empty() ? (right.empty() ? 0 : -1) : 1;
}

} // namespace kiln::util
