#pragma once

#include "element/catalog.hpp"

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace kiln::element {

/// A file or link of the hooks tree. Paths are relative to the tree, with '/' between their parts.
struct HookTreeEntry {
    std::string relative_path;
    std::filesystem::path source;
    std::string element;
};

/// The folders of all elements merged into one, as hooks see them under TMP_HOOKS_PATH: every
/// folder of an element but tests, test-elements, __pycache__ and .git, and its top-level files but
/// README*, element-deps and element-provides (there a later element wins).
class HookTree {
public:
    /// Throws Error (code hook) when two elements have the same file: any in a *.d folder,
    /// elsewhere only those that differ.
    explicit HookTree(const std::vector<Element>& elements);

    /// Sorted by path.
    [[nodiscard]] std::vector<HookTreeEntry> entries() const;

    /// Copies the tree into directory, which is made where missing. Modes are kept, links stay
    /// links.
    void write(const std::filesystem::path& directory) const;

    /// Copies the files of one element again, over those that are there.
    void write_element(const std::filesystem::path& directory, const std::string& element) const;

    /// The element that a file comes from; empty when it is not of this tree.
    [[nodiscard]] std::string element_of(const std::string& relative_path) const;

private:
    void add_element(const Element& element);
    void add_folder(const Element& element, const std::string& folder);
    void add_entry(HookTreeEntry entry);
    void require_no_clash(const HookTreeEntry& entry) const;

    std::map<std::string, HookTreeEntry> entries_;
    /// Relative path to the element that had it first.
    std::map<std::string, std::string> folders_;
};

} // namespace kiln::element
