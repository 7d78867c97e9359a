#pragma once

#include "element/catalog.hpp"

#include <optional>
#include <string>
#include <vector>

namespace kiln::element {

/// The distribution that an image is made of: DISTRO_NAME and DIB_RELEASE.
struct Distribution {
    std::string name;
    std::string release{};
};

/// "redhat", "debian", "suse" or "gentoo"; empty for a distribution of no known family.
std::string distribution_family(const std::string& distribution);

/// One translation. Columns that its section does not have are empty.
struct PkgMapRow {
    /// "release", "distro", "family" or "default".
    std::string section;
    /// The distribution, or the family.
    std::string distribution{};
    std::string release{};
    std::string name{};
    /// Names of packages between blanks; empty: nothing is to be installed.
    std::string value{};
};

/// A pkg-map file: what packages are called in each distribution.
class PkgMap {
public:
    /// Parses the file (JSON); name is what errors call it. Throws Error (code usage) with
    /// file:line:column.
    static PkgMap parse(const std::string& content, const std::string& name);

    /// In the order of the file.
    [[nodiscard]] const std::vector<PkgMapRow>& rows() const noexcept { return rows_; }

    /// The packages that name stands for: by release, else distribution, else family, else
    /// default; nothing when no section has it. A release "8-stream" is looked up as "8" too.
    [[nodiscard]] std::optional<std::vector<std::string>>
    find(const std::string& name, const Distribution& distribution) const;

private:
    std::vector<PkgMapRow> rows_;
};

/// The pkg-map of an element, if it has one.
std::optional<PkgMap> load_pkg_map(const Element& element);

} // namespace kiln::element
