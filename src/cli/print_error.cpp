#include "cli/print_error.hpp"

#include "report/error_file.hpp"
#include "util/text.hpp"

#include <cstdlib>
#include <iostream>

namespace kiln::cli {
namespace {

constexpr std::size_t k_longest_excerpt_line = 300;

/// "~/..." for a path in the home folder.
std::string short_path(const std::string& path) {
    const char* home = ::getenv("HOME");
    const std::string prefix = home == nullptr ? "" : std::string(home) + "/";
    if (prefix.size() > 1 && path.compare(0, prefix.size(), prefix) == 0) {
        return "~/" + path.substr(prefix.size());
    }
    return path;
}

} // namespace

void print_error(const util::ErrorInfo& error) {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody sets variables
    if (::getenv(report::k_error_lines_variable) != nullptr) {
        std::cerr << report::error_line(error) << "\n" << std::flush;
        return;
    }
    for (const std::string& line : error.excerpt) {
        std::cerr << "    | " << line.substr(0, k_longest_excerpt_line)
                  << (line.size() > k_longest_excerpt_line ? "..." : "") << "\n";
    }
    std::cerr << "error: " << error.what << "\n";
    if (!error.where.empty()) {
        std::cerr << "   in: " << util::join(error.where, " > ") << "\n";
    }
    if (!error.log.empty()) {
        std::cerr << "  log: " << short_path(error.log)
                  << (error.excerpt.empty() ? "" : " (last lines above)") << "\n";
    }
    if (!error.hint.empty()) {
        std::cerr << " hint: " << error.hint << "\n";
    }
    std::cerr.flush();
}

} // namespace kiln::cli
