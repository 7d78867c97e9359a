#include "cache/tree_packages.hpp"

#include "cache/apt_state.hpp"
#include "cache/rpm_state.hpp"

#include <algorithm>

namespace kiln::cache {

TreePackages read_package_state(const util::RootDir& tree,
                                const TreeOptions& options,
                                const Documents& documents) {
    TreePackages apt = read_apt_state(tree, options, documents);
    TreePackages rpm = read_rpm_state(tree, options, documents);
    std::vector<RepositoryUse>& all = apt.state.repositories;
    all.insert(all.end(), rpm.state.repositories.begin(), rpm.state.repositories.end());
    std::sort(all.begin(), all.end(), [](const RepositoryUse& a, const RepositoryUse& b) {
        return a.url < b.url;
    });
    apt.has_lists = apt.has_lists || rpm.has_lists;
    return apt;
}

} // namespace kiln::cache
