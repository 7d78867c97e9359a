#pragma once

#include "build/context.hpp"
#include "cache/key.hpp"
#include "element/hook_inputs.hpp"
#include "element/hook_tree.hpp"
#include "element/hooks_snapshot.hpp"
#include "process/command.hpp"
#include "sandbox/hook_command.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>

namespace kiln::build {

/// "install.d/50-nginx".
std::string title_of(const sandbox::HookRun& hook);

/// What the layers of hooks are made from, as far as hooks can see it (docs/cache.md).
class LayerInputs {
public:
    /// salt: see cache::LayerStore::salt().
    LayerInputs(const BuildContext& context, const element::HookTree& tree, std::string salt)
        : context_(context), tree_(tree), salt_(std::move(salt)) {}

    /// Of a hook that is about to run on the tree that chain stands for.
    cache::KeyManifest of(const sandbox::HookRun& hook, const std::string& chain);

    /// Notes the variables that a hook which wrote into the tree names: for the hooks after it they
    /// count as well.
    void remember_names_of(const sandbox::HookRun& hook);

    /// Of all that a hook on the host side could write beside the tree: hooks, outputs, files for
    /// the image. A stored layer would not bring that back.
    std::string surroundings();

private:
    void refresh_snapshot();
    void add_files(const element::HookInputs& seen, cache::KeyManifest& inputs);
    static void add_link(const std::string& path, cache::KeyManifest& inputs);
    void add_layout(cache::KeyManifest& inputs) const;
    void add_program(const sandbox::HookRun& hook, cache::KeyManifest& inputs) const;
    [[nodiscard]] bool counts(const element::HookInputs& seen, const std::string& name) const;
    void add_variables(const element::HookInputs& seen,
                       const process::Environment& environment,
                       cache::KeyManifest& inputs) const;
    [[nodiscard]] std::string shown_or_hidden(const std::string& name,
                                              const std::string& value) const;
    void add_host_files(const sandbox::HookRun& hook, cache::KeyManifest& inputs) const;
    void add_named_files(const element::HookInputs& seen, cache::KeyManifest& inputs);
    void add_elements(cache::KeyManifest& inputs) const;
    void add_library(const process::Environment& environment, cache::KeyManifest& inputs) const;

    const BuildContext& context_;
    const element::HookTree& tree_;
    std::string salt_;
    std::optional<element::HooksSnapshot> snapshot_{};
    element::HookInputsReader reader_{};
    std::optional<std::map<std::string, std::string>> named_files_{};
    std::set<std::string> written_names_{};
};

} // namespace kiln::build
