#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::cache {

/// One section of a .repo file (dnf.conf(5)), with its variables as they stand there.
struct RpmRepository {
    std::string id;
    std::string name{};
    std::vector<std::string> base_urls{};
    std::string mirror_list{};
    std::string metalink{};
    std::vector<std::string> keys{};
    bool enabled = true;
    /// Whether the signature of repomd.xml is checked; what [main] says where it says nothing.
    bool checks_list = false;
};

/// What [main] of dnf.conf says of all repositories.
struct RpmDefaults {
    bool checks_list = false;
};

RpmDefaults parse_rpm_defaults(std::string_view text);

/// Never throws; what is no repository is left out.
std::vector<RpmRepository> parse_rpm_repositories(std::string_view text,
                                                  const RpmDefaults& defaults);

/// Replaces $name and ${name}; what is not known stays.
std::string expand_variables(std::string_view text,
                             const std::map<std::string, std::string>& variables);

} // namespace kiln::cache
