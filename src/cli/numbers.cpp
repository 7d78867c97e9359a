#include "cli/numbers.hpp"

#include "util/error.hpp"

#include <charconv>
#include <cmath>

namespace kiln::cli {

double positive_number(const std::string& text, const std::string& option) {
    double value = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || stop != end || !std::isfinite(value) || value < 0 || value > 1e15) {
        throw util::Error({.what = option + ": '" + text + "' is no number of zero or more",
                           .hint = "write it as 2 or 2.5",
                           .code = util::ExitCode::usage});
    }
    return value;
}

} // namespace kiln::cli
