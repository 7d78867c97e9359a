#pragma once

#include "process/command.hpp"

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::element {

/// What a hook on the host side says of itself in comments at its top: "# kiln-inputs: WORD...".
/// Besides the elements, its environment and the tree it reads only these files of the host.
struct DeclaredInputs {
    /// "/etc/apt"; "~/.ssh/id_rsa.pub", in the home of whoever builds; "$NAME" and "$NAME/file",
    /// where the variable holds a path.
    std::vector<std::string> words{};
};

/// Nothing for a script that declares nothing; no words for "none". Throws Error (code usage) that
/// begins with "file:line: " for a line that is wrong.
std::optional<DeclaredInputs> parse_declared_inputs(std::string_view script,
                                                    const std::string& file);

struct InputPlaces {
    const process::Environment& environment;
    /// The home of whoever builds; may be empty when it is not known.
    std::string home{};
    /// Variables that files of environment.d set: what they hold is not known without running them.
    std::set<std::string> unknown{};
};

/// The paths that the words stand for, sorted, each once; variables that are not set or empty stand
/// for none. Nothing when it cannot be told: a home or a variable that is not known, or a path that
/// is not absolute.
std::optional<std::vector<std::string>> input_paths(const DeclaredInputs& inputs,
                                                    const InputPlaces& places);

} // namespace kiln::element
