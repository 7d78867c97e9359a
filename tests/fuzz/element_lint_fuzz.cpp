#include "element/hook_file.hpp"
#include "element/readme.hpp"
#include "element/shell_names.hpp"
#include "process/tools/shellcheck.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

/// Any text can be looked at as a script, a README, and shellcheck's output; a name that is used
/// stands on one of its lines.
// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace kiln; // NOLINT(google-build-using-namespace): one function
    const std::string text(data, data + size);
    const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + 1;
    for (const auto& [name, line] : element::scan_shell(text).used) {
        if (name.empty() || line == 0 || line > lines) {
            std::abort();
        }
    }
    static_cast<void>(element::parse_readme(text));
    static_cast<void>(element::parse_shebang(text));
    static_cast<void>(element::stops_at_errors(text));
    static_cast<void>(element::disables(text, "sete"));
    static_cast<void>(process::parse_shellcheck(text));
    return 0;
}
