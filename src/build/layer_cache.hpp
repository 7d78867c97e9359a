#pragma once

#include "build/build_store.hpp"
#include "build/context.hpp"
#include "build/layer_inputs.hpp"
#include "build/package_watch.hpp"
#include "cache/layer_store.hpp"
#include "element/hook_tree.hpp"
#include "report/reporter.hpp"
#include "sandbox/hook_runner.hpp"
#include "sandbox/layer_stack.hpp"

#include <chrono>
#include <exception>
#include <optional>
#include <string>
#include <vector>

namespace kiln::build {

/// What became of a hook: for `--explain`, and for the record of the image.
struct LayerReport {
    std::string title;
    std::string element;
    /// Its stored layer; empty when it has none.
    std::string layer{};
    bool hit = false;
    /// Why it ran: the first input that differs.
    std::string reason{};
};

/// Ends a build that only had to find out which layers it would make.
class PlanEnd : public std::exception {};

/// "hit   install.d/50-nginx (web)", "miss  ...: why".
std::string describe(const LayerReport& report);

/// Puts stored layers in the place of hooks, and stores those of hooks that ran. Without a store,
/// or once the user has been in the tree at a break point, every hook runs and nothing is stored.
class LayerCache {
public:
    LayerCache(const BuildContext& context,
               const BuildStore& store,
               const element::HookTree& tree,
               report::Reporter& reporter,
               sandbox::LayerStack& layers,
               sandbox::HookRunner& hooks);

    /// Stacks the stored layer of a hook, if there is one that is right and current. Else the hook
    /// has to run now; other builds that need it wait until keep(). With plan_only it throws
    /// PlanEnd then.
    bool reuse(const sandbox::HookRun& hook);

    /// Stores the layer that a hook has made.
    void keep(const sandbox::HookRun& hook, sandbox::LayerStack::Kept kept);

    /// Takes in what a hook that runs every time has changed.
    void note_hook(const sandbox::HookRun& hook, sandbox::LayerStack::Kept kept);

    /// Takes in what the topmost layer changed, of a step that is done anew each time.
    void note(sandbox::LayerStack::Kept kept);

    /// Stands for the tree as it is now; nothing when it follows from no inputs.
    [[nodiscard]] std::optional<std::string> chain() const;

    /// Whether every hook that could be stored was: then states() is all that was used.
    [[nodiscard]] bool has_kept_all() const { return is_on() && all_kept_; }

    /// What all its layers used of repositories.
    [[nodiscard]] std::vector<cache::DatedState> states() const { return states_; }

    /// The manifests of its layers: a use is noted in their times.
    [[nodiscard]] std::vector<std::string> manifests() const;

    [[nodiscard]] const std::vector<LayerReport>& reports() const noexcept { return reports_; }

private:
    struct Pending {
        cache::KeyManifest inputs;
        std::string base_key;
        std::optional<util::EntryLock> lock{};
        std::string reason{};
        std::int64_t began = 0;
        std::chrono::steady_clock::time_point start{};
        /// Of all that a hook on the host side could write beside the tree.
        std::string surroundings{};
    };

    [[nodiscard]] bool is_on() const { return store_ != nullptr && !hooks_.was_paused(); }

    /// A stored layer that may be used, or why there is none.
    struct Found {
        std::optional<cache::Layer> layer{};
        std::string reason{};
    };

    void ask_for_all(const cache::Layer& layer);
    Found find(const Pending& pending, const std::string& title);
    bool stack(const cache::Layer& layer, const sandbox::HookRun& hook);
    util::EntryLock wait_for_key(const std::string& base_key, const std::string& title);
    [[nodiscard]] std::string nearest_difference(const cache::KeyManifest& inputs,
                                                 const std::string& title,
                                                 const std::string& element);
    void store(const sandbox::HookRun& hook, sandbox::LayerStack::Kept kept);
    [[nodiscard]] cache::Layer new_layer(const sandbox::HookRun& hook,
                                         sandbox::LayerStack::Kept kept) const;
    std::string take_surroundings(cache::Layer& layer);
    cache::PackageState packages_of(sandbox::LayerStack::Kept kept);
    void report(LayerReport report);

    const BuildContext& context_;
    report::Reporter& reporter_;
    sandbox::LayerStack& layers_;
    sandbox::HookRunner& hooks_;
    const element::HookTree& tree_;
    const cache::LayerStore* store_;
    std::string build_;
    LayerInputs inputs_;
    std::string chain_;
    PackageWatch packages_;
    bool asked_ = false;
    bool all_kept_ = true;
    std::optional<Pending> pending_;
    /// Held so that no layer of this build is removed.
    std::vector<util::EntryLock> used_;
    std::vector<LayerReport> reports_;
    std::vector<cache::DatedState> states_;
    /// When the first layer of this tree was begun: later times in it are none that it was given.
    std::optional<std::int64_t> made_from_;
};

} // namespace kiln::build
