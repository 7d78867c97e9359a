#include "sandbox/id_range.hpp"

#include "util/text.hpp"

#include <algorithm>
#include <charconv>
#include <vector>

namespace kiln::sandbox {
namespace {

/// Where distributions begin to give subordinate ids (login.defs: SUB_UID_MIN).
constexpr unsigned long k_first_subordinate_id = 100000;

unsigned long to_number(const std::string& text) {
    unsigned long value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

} // namespace

bool is_enough(const std::optional<IdRange>& range) {
    return range && range->count >= k_needed_ids - 1;
}

std::optional<IdRange>
find_range(const std::string& content, const std::string& name, unsigned long id) {
    std::optional<IdRange> largest;
    for (const std::string& line : util::split(content, '\n')) {
        const std::vector<std::string> fields = util::split(util::trim(line), ':');
        if (fields.size() != 3 || (fields[0] != name && fields[0] != std::to_string(id))) {
            continue;
        }
        const IdRange range = {.start = to_number(fields[1]), .count = to_number(fields[2])};
        if (!largest || range.count > largest->count) {
            largest = range;
        }
    }
    return largest;
}

unsigned long first_free_id(const std::string& content) {
    unsigned long free = k_first_subordinate_id;
    for (const std::string& line : util::split(content, '\n')) {
        const std::vector<std::string> fields = util::split(util::trim(line), ':');
        if (fields.size() == 3) {
            free = std::max(free, to_number(fields[1]) + to_number(fields[2]));
        }
    }
    return free;
}

} // namespace kiln::sandbox
