#include "store/glance/http_facts.hpp"

#include <algorithm>
#include <ctime>
#include <iomanip>
#include <locale>
#include <sstream>

namespace kiln::store {
namespace {

std::optional<SystemTime> parse_time(const std::string& text, const char* form) {
    std::istringstream stream(text);
    stream.imbue(std::locale::classic());
    std::tm parts{};
    stream >> std::get_time(&parts, form);
    if (stream.fail()) {
        return std::nullopt;
    }
    return std::chrono::system_clock::from_time_t(::timegm(&parts));
}

bool is_number(const std::string& text) {
    constexpr std::size_t k_most_digits = 9;
    return !text.empty() && text.size() <= k_most_digits &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

} // namespace

std::optional<SystemTime> parse_http_date(const std::string& text) {
    return parse_time(text, "%a, %d %b %Y %H:%M:%S GMT");
}

std::optional<SystemTime> parse_iso_time(const std::string& text) {
    return parse_time(text, "%Y-%m-%dT%H:%M:%S");
}

std::chrono::seconds retry_after(const net::HttpAnswer& answer, SystemTime now) {
    const std::string text = answer.header("retry-after");
    if (is_number(text)) {
        return std::chrono::seconds(std::stol(text));
    }
    const std::optional<SystemTime> date = parse_http_date(text);
    if (!date) {
        return std::chrono::seconds(0);
    }
    // The date is by the server's clock.
    const SystemTime there = parse_http_date(answer.header("date")).value_or(now);
    return std::max(std::chrono::seconds(0),
                    std::chrono::duration_cast<std::chrono::seconds>(*date - there));
}

bool is_busy(long status) {
    return status == 429 || status == 502 || status == 503 || status == 504;
}

} // namespace kiln::store
