#pragma once

#include "process/command.hpp"

#include <string>
#include <vector>

namespace kiln::element {

enum class SourceType { git, tar, file, package };

/// A line of a source-repository file: something to fetch into the image.
struct SourceRepository {
    std::string name;
    SourceType type = SourceType::git;
    /// Absolute path in the image; empty for a package.
    std::string destination{};
    std::string location{};
    /// What of it; empty: the default of its type.
    std::string ref{};
    /// "file:line".
    std::string position{};
};

/// "git", "tar", "file" or "package".
std::string type_name(SourceType type);

/// Parses a file of lines "NAME TYPE DESTINATION LOCATION [REF]"; empty lines and those that begin
/// with '#' do not count. As in a shell, words may be quoted and may use $VARIABLE, ${VARIABLE} and
/// ${VARIABLE:-DEFAULT}, but nothing else is interpreted: a command substitution is an error. file
/// is what errors call it. Throws Error (code usage) beginning "file:line:", for a variable that is
/// not set too.
std::vector<SourceRepository> parse_source_repositories(const std::string& content,
                                                        const std::string& file,
                                                        const process::Environment& environment);

/// The repository as the user wants it: type, location and ref from DIB_REPOTYPE_<name>,
/// DIB_REPOLOCATION_<name> and DIB_REPOREF_<name> (letters and digits of the name stay, the rest
/// becomes '_'), else the address of a git server from DIB_GITREPOBASE. Throws Error (code usage)
/// naming the variable.
SourceRepository with_overrides(SourceRepository repository,
                                const process::Environment& environment);

/// Those that are to be fetched, in the order given: no packages, none whose install type
/// (DIB_INSTALLTYPE_<name>, DIB_DEFAULT_INSTALLTYPE) is other than source, each destination once.
/// Throws Error (code hook) naming both places when two want different things at one destination.
std::vector<SourceRepository> wanted_repositories(const std::vector<SourceRepository>& repositories,
                                                  const process::Environment& environment);

/// The name of its place in the cache, which tells nothing of the location.
std::string cache_name(const SourceRepository& repository);

} // namespace kiln::element
