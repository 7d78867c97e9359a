#pragma once

#include "util/error.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace kiln::element {

enum class Severity { note, warning, error };

/// "error", "warning", "note".
const char* severity_name(Severity severity);

/// Something that a lint found in a file of an element.
struct Finding {
    Severity severity = Severity::error;
    /// Stable name of the rule: "no-set-e", "SC2086".
    std::string rule;
    std::string file;
    /// Counts from 1; 0: the file as a whole.
    std::size_t line = 0;
    std::string message;
};

/// A parser's error, whose text begins "file:line:column: " or "file:line: "; without that it is
/// about the file as a whole.
Finding finding_of(const util::Error& error, const std::string& rule, const std::string& file);

/// Sorts by file, line and rule, and drops doubles.
void settle(std::vector<Finding>& findings);

} // namespace kiln::element
