#include "util/text.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace kiln::util {
namespace {

constexpr std::string_view k_white_space = " \t\r\n\v\f";

std::string one_decimal(double value) {
    std::array<char, 32> buffer{};
    const int length = std::snprintf(buffer.data(), buffer.size(), "%.1f", value);
    return {buffer.data(), static_cast<std::size_t>(length)};
}

} // namespace

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> parts;
    std::size_t start = 0;
    while (true) {
        const std::size_t end = text.find(separator, start);
        parts.emplace_back(text.substr(start, end - start));
        if (end == std::string_view::npos) {
            return parts;
        }
        start = end + 1;
    }
}

std::vector<std::string> split_words(std::string_view text) {
    std::vector<std::string> words;
    std::size_t start = text.find_first_not_of(k_white_space);
    while (start != std::string_view::npos) {
        const std::size_t end = text.find_first_of(k_white_space, start);
        words.emplace_back(text.substr(start, end - start));
        start = text.find_first_not_of(k_white_space, std::min(end, text.size()));
    }
    return words;
}

std::string_view trim(std::string_view text) {
    const std::size_t first = text.find_first_not_of(k_white_space);
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(k_white_space) - first + 1);
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
    std::string text;
    for (const std::string& part : parts) {
        if (&part != &parts.front()) {
            text += separator;
        }
        text += part;
    }
    return text;
}

std::string replace_all(std::string text, std::string_view from, std::string_view to) {
    std::size_t at = from.empty() ? std::string::npos : text.find(from);
    while (at != std::string::npos) {
        text.replace(at, from.size(), to);
        at = text.find(from, at + to.size());
    }
    return text;
}

std::string child_path(std::string_view parent, std::string_view name) {
    std::string path(parent);
    path.append("/").append(name);
    return path;
}

std::string human_bytes(std::uint64_t bytes) {
    static constexpr std::array<const char*, 5> k_units = {"B", "KiB", "MiB", "GiB", "TiB"};
    auto value = static_cast<double>(bytes);
    std::size_t unit = 0;
    while (value >= 1024 && unit + 1 < k_units.size()) {
        value /= 1024;
        ++unit;
    }
    const bool whole = unit == 0 || value >= 100;
    const std::string number =
        whole ? std::to_string(static_cast<std::uint64_t>(value)) : one_decimal(value);
    return number + " " + k_units.at(unit);
}

std::string human_duration(std::chrono::milliseconds duration) {
    const double seconds = static_cast<double>(duration.count()) / 1000;
    if (seconds < 60) {
        return one_decimal(seconds) + " s";
    }
    const auto whole = static_cast<std::int64_t>(seconds);
    return std::to_string(whole / 60) + " min " + std::to_string(whole % 60) + " s";
}

std::string shell_quote(std::string_view text) {
    static constexpr std::string_view k_plain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=:,+@%";
    if (!text.empty() && text.find_first_not_of(k_plain) == std::string_view::npos) {
        return std::string(text);
    }
    return "'" + replace_all(std::string(text), "'", "'\\''") + "'";
}

std::vector<std::string> last_lines(std::string_view text, std::size_t count) {
    std::vector<std::string> lines = split(text, '\n');
    if (!lines.empty() && lines.back().empty()) {
        lines.pop_back();
    }
    if (lines.size() > count) {
        lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(count));
    }
    return lines;
}

} // namespace kiln::util
