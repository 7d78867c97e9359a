#pragma once

#include "element/phase.hpp"
#include "process/command.hpp"

#include <string>
#include <vector>

namespace kiln::element {

enum class PackageAction {
    install,
    uninstall,
    /// Installed in its phase and taken away at the end of it.
    install_for_build
};

/// "VARIABLE = value" or "VARIABLE != value".
struct PackageCondition {
    std::string variable;
    bool negated = false;
    std::string value;
    /// "file:line:column".
    std::string position;
};

/// One wish of a package-installs file: what is to be done with a package, and when it applies.
/// Empty members do not restrict.
struct PackageRule {
    std::string package;
    PackageAction action = PackageAction::install;
    Phase phase = Phase::install;
    std::string install_type{};
    std::vector<std::string> architectures{};
    std::vector<std::string> excluded_architectures{};
    std::string python_version{};
    std::vector<PackageCondition> conditions{};
    std::string position{};
};

struct PackageInstalls {
    /// In the order of the file.
    std::vector<PackageRule> rules{};
    /// Where kiln does what the format's documentation says and diskimage-builder does not.
    std::vector<std::string> warnings{};
};

/// Parses package-installs.yaml or .json; name is what errors call it. A package has no value, a
/// mapping, or a list of mappings that each count on their own. Throws Error (code usage) with
/// file:line:column, for unknown keys and phases too.
PackageInstalls parse_package_installs(const std::string& content, const std::string& name);

/// Whether a rule of an element counts in an environment (ARCH, DIB_PYTHON_VERSION,
/// DIB_INSTALLTYPE_*, and what its conditions name). Throws Error (code hook) when a variable that
/// it needs is not set.
bool applies(const PackageRule& rule,
             const std::string& element,
             const process::Environment& environment);

} // namespace kiln::element
