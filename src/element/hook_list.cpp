#include "element/hook_list.hpp"

#include "util/error.hpp"

#include <unistd.h>

#include <algorithm>
#include <regex>
#include <string_view>

namespace kiln::element {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view k_digits = "0123456789";

/// A number as sort -n reads it: "-"? digits ("." digits)?, of any length.
struct LeadingNumber {
    bool negative = false;
    std::string_view whole;
    std::string_view fraction;

    explicit LeadingNumber(std::string_view text) {
        const bool minus = !text.empty() && text.front() == '-';
        text.remove_prefix(minus ? 1 : 0);
        whole = take_digits(text);
        if (!text.empty() && text.front() == '.') {
            text.remove_prefix(1);
            fraction = take_digits(text);
        }
        whole.remove_prefix(std::min(whole.find_first_not_of('0'), whole.size()));
        fraction = fraction.substr(0, fraction.find_last_not_of('0') + 1);
        negative = minus && !(whole.empty() && fraction.empty());
    }

    static std::string_view take_digits(std::string_view& text) {
        const std::size_t length = std::min(text.find_first_not_of(k_digits), text.size());
        const std::string_view digits = text.substr(0, length);
        text.remove_prefix(length);
        return digits;
    }

    [[nodiscard]] int compare_size(const LeadingNumber& other) const {
        if (whole.size() != other.whole.size()) {
            return whole.size() < other.whole.size() ? -1 : 1;
        }
        const int order = whole.compare(other.whole);
        return order != 0 ? order : fraction.compare(other.fraction);
    }

    [[nodiscard]] int compare(const LeadingNumber& other) const {
        if (negative != other.negative) {
            return negative ? -1 : 1;
        }
        return negative ? other.compare_size(*this) : compare_size(other);
    }
};

std::regex compile(const std::string& pattern) {
    try {
        return std::regex(pattern);
    } catch (const std::regex_error& error) {
        throw util::Error(
            {.what = "RUN_PARTS_REGEX '" + pattern + "' is no regular expression: " + error.what(),
             .hint = std::string("the usual one is ") + k_hook_name_pattern,
             .code = util::ExitCode::usage});
    }
}

std::vector<fs::directory_entry> entries_of(const fs::path& directory) {
    std::error_code error;
    if (!fs::is_directory(directory, error)) {
        return {};
    }
    std::vector<fs::directory_entry> entries;
    for (fs::directory_iterator entry(directory, error), end; !error && entry != end;
         entry.increment(error)) {
        entries.push_back(*entry);
    }
    if (error) {
        throw util::Error({.what = "cannot list '" + directory.string() + "': " + error.message(),
                           .code = util::ExitCode::failed});
    }
    return entries;
}

/// Why a file is not run; empty when it is.
std::string reason_to_skip(const fs::directory_entry& entry,
                           const std::regex& name_pattern,
                           const std::string& pattern_text) {
    std::error_code error;
    if (!entry.is_regular_file(error)) {
        return entry.is_symlink(error) ? "it is a link that leads to no file"
                                       : "it is no regular file";
    }
    if (!std::regex_search(entry.path().filename().string(), name_pattern)) {
        return "its name does not match " + pattern_text;
    }
    if (::access(entry.path().c_str(), X_OK) != 0) {
        return "it is not executable";
    }
    return "";
}

/// Others are data beside the hooks.
bool looks_like_hook(const std::string& name) {
    return std::isdigit(static_cast<unsigned char>(name.front())) != 0;
}

bool is_environment_name(const std::string& name) {
    return name.find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ_.-") == std::string::npos;
}

} // namespace

bool runs_before(const std::string& left, const std::string& right) {
    const int order = LeadingNumber(left).compare(LeadingNumber(right));
    return order != 0 ? order < 0 : left < right;
}

HookList list_hooks(const fs::path& directory, const std::string& name_pattern) {
    const std::regex pattern = compile(name_pattern);
    HookList list;
    for (const fs::directory_entry& entry : entries_of(directory)) {
        std::error_code error;
        if (entry.is_directory(error) && !entry.is_symlink(error)) {
            continue;
        }
        const std::string name = entry.path().filename().string();
        const std::string reason = reason_to_skip(entry, pattern, name_pattern);
        if (reason.empty()) {
            list.hooks.push_back(name);
        } else if (looks_like_hook(name)) {
            list.skipped.push_back({.name = name, .reason = reason});
        }
    }
    std::sort(list.hooks.begin(), list.hooks.end(), runs_before);
    std::sort(list.skipped.begin(), list.skipped.end(), [](const auto& left, const auto& right) {
        return left.name < right.name;
    });
    return list;
}

std::vector<std::string> environment_files(const fs::path& directory) {
    std::vector<std::string> names;
    for (const fs::directory_entry& entry : entries_of(directory)) {
        const std::string name = entry.path().filename().string();
        std::error_code error;
        if (is_environment_name(name) && entry.is_regular_file(error)) {
            names.push_back(name);
        }
    }
    std::sort(names.begin(), names.end());
    return names;
}

} // namespace kiln::element
