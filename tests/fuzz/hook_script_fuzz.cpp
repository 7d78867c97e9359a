#include "element/declared_inputs.hpp"
#include "element/environment_fragment.hpp"
#include "element/hook_paths.hpp"
#include "element/script_facts.hpp"
#include "element/shell_commands.hpp"
#include "util/error.hpp"

#include <cstdint>
#include <string>

/// Any text can be read as a script; places in it are within it, and a text that cannot be judged
/// is said to use everything.
// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(data, data + size);
    const kiln::element::ShellCommands script = kiln::element::read_shell(text);
    bool right = script.text.size() == text.size();
    for (const kiln::element::ShellCommand& command : script.commands) {
        right = right && !command.words.empty() && command.begin <= command.end;
    }
    for (const kiln::element::HookPath& path : kiln::element::hook_paths(text)) {
        right = right && path.offset < text.size() &&
                ("/" + path.path + "/").find("/../") == std::string::npos;
    }
    const kiln::element::ScriptFacts facts = kiln::element::read_script(text);
    right = right && (script.sound || !facts.all_variables.empty());
    const auto fragment = kiln::element::read_environment_fragment(text);
    right = right && (script.sound || !fragment.counts_always.empty());
    try {
        const auto declared = kiln::element::parse_declared_inputs(text, "fuzz");
        const kiln::process::Environment none;
        right =
            right && (!declared || kiln::element::input_paths(*declared, {.environment = none}) ||
                      !declared->words.empty());
    } catch (const kiln::util::Error&) { // NOLINT(bugprone-empty-catch): a good answer
    }
    if (!right) {
        __builtin_trap();
    }
    return 0;
}
