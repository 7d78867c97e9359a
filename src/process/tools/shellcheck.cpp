#include "process/tools/shellcheck.hpp"

#include "util/text.hpp"

#include <optional>
#include <regex>

namespace kiln::process {
namespace {

/// std::regex recurses once a character.
constexpr std::size_t k_longest_comment = 8192;

std::optional<ShellcheckRemark> parse_line(const std::string& line) {
    static const std::regex k_form(
        R"(^(.+):([0-9]{1,9}):[0-9]+: (error|warning|note): (.*) \[(SC[0-9]+)\]$)");
    std::smatch match;
    if (line.size() > k_longest_comment || !std::regex_match(line, match, k_form)) {
        return std::nullopt;
    }
    return ShellcheckRemark{.file = match[1],
                            .line = std::stoul(match[2]),
                            .level = match[3],
                            .code = match[5],
                            .message = match[4]};
}

} // namespace

Command shellcheck_command(const std::string& dialect, const std::vector<std::string>& files) {
    // What a sourced file has (SC1090, SC1091) and what the environment brings (SC2154) is not in
    // the script.
    std::vector<std::string> argv = {"shellcheck",
                                     "--norc",
                                     "--format=gcc",
                                     "--severity=info",
                                     "--exclude=SC1090,SC1091,SC2154",
                                     "--shell=" + dialect,
                                     "--"};
    argv.insert(argv.end(), files.begin(), files.end());
    return {.argv = std::move(argv),
            .environment = tool_environment(),
            .timeout = std::chrono::minutes(5)};
}

std::vector<ShellcheckRemark> parse_shellcheck(const std::string& output) {
    std::vector<ShellcheckRemark> remarks;
    for (const std::string& line : util::split(output, '\n')) {
        if (std::optional<ShellcheckRemark> remark = parse_line(line)) {
            remarks.push_back(std::move(*remark));
        }
    }
    return remarks;
}

} // namespace kiln::process
