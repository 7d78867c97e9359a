#include "element/finding.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <tuple>

namespace kiln::element {
namespace {

/// The number at the beginning of text and the colon after it are taken away; 0: there is none.
std::size_t take_number(std::string_view& text) {
    std::size_t value = 0;
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
    const auto length = static_cast<std::size_t>(end - text.data());
    if (status != std::errc() || length >= text.size() || text[length] != ':') {
        return 0;
    }
    text.remove_prefix(length + 1);
    return value;
}

std::string_view without_leading_blanks(std::string_view text) {
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    return text;
}

} // namespace

const char* severity_name(Severity severity) {
    switch (severity) {
    case Severity::note:
        return "note";
    case Severity::warning:
        return "warning";
    case Severity::error:
        break;
    }
    return "error";
}

Finding finding_of(const util::Error& error, const std::string& rule, const std::string& file) {
    Finding finding = {.rule = rule, .file = file, .message = error.what()};
    std::string_view rest = error.what();
    if (rest.substr(0, file.size() + 1) == file + ":") {
        rest.remove_prefix(file.size() + 1);
        finding.line = take_number(rest);
        take_number(rest);
        finding.message = without_leading_blanks(rest);
    }
    if (!error.info().hint.empty()) {
        finding.message += "; " + error.info().hint;
    }
    return finding;
}

void settle(std::vector<Finding>& findings) {
    const auto key = [](const Finding& finding) {
        return std::tie(finding.file, finding.line, finding.rule, finding.message);
    };
    std::sort(findings.begin(), findings.end(), [&](const Finding& left, const Finding& right) {
        return key(left) < key(right);
    });
    findings.erase(std::unique(findings.begin(),
                               findings.end(),
                               [&](const Finding& left, const Finding& right) {
                                   return key(left) == key(right);
                               }),
                   findings.end());
}

} // namespace kiln::element
