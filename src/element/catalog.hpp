#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::element {

/// A folder of hooks and data with a name.
struct Element {
    std::string name;
    std::filesystem::path path;
};

/// The folders of a colon separated ELEMENTS_PATH, absolute; empty entries are skipped. Throws
/// Error (code usage) for an entry that is no folder.
std::vector<std::filesystem::path> parse_elements_path(std::string_view text);

struct CatalogOptions {
    /// The folder of the elements that kiln brings along; searched last. Empty: there is none.
    std::filesystem::path own{};
    /// Whether an element from elsewhere may replace one that kiln's disk code relies on
    /// (block-device-*, bootloader, vm).
    bool allow_override = false;
};

/// The elements that can be named: read once, when made. An earlier folder wins over a later one.
/// Hidden folders and __pycache__ are no elements.
class Catalog {
public:
    /// Throws Error (code usage) when a folder cannot be read.
    explicit Catalog(std::vector<std::filesystem::path> search_path,
                     const CatalogOptions& options = {});

    [[nodiscard]] std::optional<Element> find(const std::string& name) const;

    /// Names of all elements, sorted.
    [[nodiscard]] std::vector<std::string> names() const;

    /// Names of the elements whose element-provides has virtual_name, sorted.
    [[nodiscard]] std::vector<std::string> providers_of(const std::string& virtual_name) const;

    /// Elements that are not used because kiln has its own of that name (see allow_override).
    [[nodiscard]] const std::vector<Element>& shadowed() const noexcept { return shadowed_; }

private:
    void add_directory(const std::filesystem::path& directory);
    void put_own_first(const std::filesystem::path& own);

    std::map<std::string, std::filesystem::path> elements_;
    std::vector<Element> shadowed_;
};

} // namespace kiln::element
