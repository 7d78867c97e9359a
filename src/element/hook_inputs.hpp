#pragma once

#include "element/hooks_snapshot.hpp"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace kiln::element {

struct ScriptFacts;
struct EnvironmentFragment;

/// What a hook can see of the hooks tree and of its environment, beside the tree it runs in.
struct HookInputs {
    /// Paths of the snapshot, the hook among them. Each counts with its HooksEntry::describe().
    std::set<std::string> files{};
    /// Those of the given names whose values count.
    std::set<std::string> variables{};
    bool sees_all_files = false;
    bool sees_all_variables = false;
    /// It sources files of $_LIB, the peer's library on the host, which is not in the hooks tree.
    bool reads_library = false;
    /// A host hook that reads files of elements by themselves ($ELEMENTS_PATH, IMAGE_ELEMENT_YAML):
    /// all files of all elements count, also those that are not in the hooks tree.
    bool reads_elements = false;
    /// Why it sees everything, for people: "bin/tool is no shell script".
    std::vector<std::string> reasons{};
};

/// Tells what hooks can see by reading their texts, never by running them: it may name too much, as
/// far as a text can be read not too little. Nothing here touches the disk. What is known of a text
/// is kept by its digest, so one object serves all hooks of a build.
class HookInputsReader {
public:
    HookInputsReader();
    HookInputsReader(HookInputsReader&&) noexcept;
    HookInputsReader& operator=(HookInputsReader&&) noexcept;
    HookInputsReader(const HookInputsReader&) = delete;
    HookInputsReader& operator=(const HookInputsReader&) = delete;
    ~HookInputsReader();

    /// hook is a path of the snapshot ("install.d/50-nginx"); names are those of the variables of
    /// the hook's environment. Names that is_unkeyed() knows are never in the answer, also when
    /// sees_all_variables is set.
    HookInputs inputs_of(const HooksSnapshot& snapshot,
                         const std::string& hook,
                         const std::set<std::string>& names);

private:
    friend class HookClosure;

    const ScriptFacts& facts_of(const HooksEntry& entry);
    const EnvironmentFragment& fragment_of(const HooksEntry& entry);

    std::map<std::string, std::shared_ptr<const ScriptFacts>> facts_{};
    std::map<std::string, std::shared_ptr<const EnvironmentFragment>> fragments_{};
};

/// The same for a single hook.
HookInputs inputs_of(const HooksSnapshot& snapshot,
                     const std::string& hook,
                     const std::set<std::string>& names);

} // namespace kiln::element
