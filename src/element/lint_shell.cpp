#include "element/lint.hpp"
#include "element/lint_hooks.hpp"
#include "process/tools/shellcheck.hpp"

#include <map>

namespace kiln::element {
namespace {

/// A command line has room for many more; one that fails loses few.
constexpr std::size_t k_batch = 40;

Severity severity_of(const std::string& level) {
    return level == "error" ? Severity::error
                            : (level == "warning" ? Severity::warning : Severity::note);
}

/// shellcheck cannot read "eval declare -A x=($(get_image_element_array))", which elements use and
/// bash takes; what it then says of the syntax is no fault of theirs.
bool is_misread(const process::ShellcheckRemark& remark, const ElementScript& script) {
    return script.content.find("get_image_element_array") != std::string::npos &&
           (remark.code == "SC1036" || remark.code == "SC1072" || remark.code == "SC1073" ||
            remark.code == "SC1088");
}

using Scripts = std::map<std::string, ElementScript>;

void check_batch(const std::string& dialect,
                 const Scripts& scripts,
                 process::Runner& runner,
                 std::vector<Finding>& findings) {
    std::vector<std::string> files;
    for (const auto& [path, script] : scripts) {
        files.push_back(path);
    }
    const process::Result result = runner.run(process::shellcheck_command(dialect, files));
    for (const process::ShellcheckRemark& remark : process::parse_shellcheck(result.out)) {
        const auto script = scripts.find(remark.file);
        if (script != scripts.end() && !is_misread(remark, script->second)) {
            findings.push_back({.severity = severity_of(remark.level),
                                .rule = remark.code,
                                .file = remark.file,
                                .line = remark.line,
                                .message = remark.message});
        }
    }
    // 1: it found something; others: it could not work.
    if (result.exit_code > 1) {
        throw util::Error({.what = "shellcheck failed with exit code " +
                                   std::to_string(result.exit_code) + ": " + result.err,
                           .hint = "leave it out: kiln element lint --no-shellcheck",
                           .code = util::ExitCode::tool});
    }
}

} // namespace

std::vector<Finding> lint_shell(const std::vector<Element>& elements, process::Runner& runner) {
    std::map<std::string, std::vector<Scripts>> batches;
    for (const Element& element : elements) {
        for (ElementScript& script : shell_scripts(element)) {
            std::vector<Scripts>& some = batches[script.dialect];
            if (some.empty() || some.back().size() == k_batch) {
                some.emplace_back();
            }
            const std::string path = script.path;
            some.back().emplace(path, std::move(script));
        }
    }
    std::vector<Finding> findings;
    for (const auto& [dialect, some] : batches) {
        for (const Scripts& scripts : some) {
            check_batch(dialect, scripts, runner, findings);
        }
    }
    settle(findings);
    return findings;
}

} // namespace kiln::element
