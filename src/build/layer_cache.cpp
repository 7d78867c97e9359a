#include "build/layer_cache.hpp"

#include "util/digest.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <set>

namespace kiln::build {
namespace {

using element::Side;
using sandbox::LayerStack;

std::size_t count_differences(const cache::KeyManifest& one, const cache::KeyManifest& other) {
    std::size_t count = 0;
    for (const auto& [tag, input] : one.inputs()) {
        const auto found = other.inputs().find(tag);
        count += found == other.inputs().end() || found->second.value != input.value ? 1U : 0U;
    }
    for (const auto& [tag, input] : other.inputs()) {
        count += one.inputs().count(tag) == 0 ? 1U : 0U;
    }
    return count;
}

} // namespace

std::string describe(const LayerReport& report) {
    return (report.hit ? "hit   " : "miss  ") + report.title + " (" + report.element + ")" +
           (report.reason.empty() ? "" : ": " + report.reason);
}

LayerCache::LayerCache(const BuildContext& context,
                       const BuildStore& store,
                       const element::HookTree& tree,
                       report::Reporter& reporter,
                       LayerStack& layers,
                       sandbox::HookRunner& hooks)
    : context_(context),
      reporter_(reporter),
      layers_(layers),
      hooks_(hooks),
      tree_(tree),
      store_(store.get()),
      build_(store.build()),
      inputs_(context, tree, store_ == nullptr ? "" : store_->salt()),
      chain_(util::sha256("kiln tree 1 " + context.options.architecture)),
      packages_(context.options, std::string(Paths::k_inside) + "/freshness", reporter) {}

bool LayerCache::reuse(const sandbox::HookRun& hook) {
    if (!is_on()) {
        return false;
    }
    const std::string title = title_of(hook);
    cache::KeyManifest inputs = inputs_.of(hook, chain_);
    Pending pending{.inputs = std::move(inputs), .base_key = {}};
    pending.base_key = pending.inputs.digest();
    Found found = find(pending, title);
    if (!found.layer && !context_.options.plan_only) {
        pending.lock = wait_for_key(pending.base_key, title);
        found = find(pending, title);
    }
    if (found.layer && stack(*found.layer, hook)) {
        return true;
    }
    pending.reason = found.reason.empty() ? nearest_difference(pending.inputs, title, hook.element)
                                          : found.reason;
    if (context_.options.plan_only) {
        report({.title = title, .element = hook.element, .reason = pending.reason});
        throw PlanEnd();
    }
    made_from_ = made_from_.value_or(std::time(nullptr));
    pending.began = std::time(nullptr);
    pending.start = std::chrono::steady_clock::now();
    ::unlink(Paths::k_used_packages);
    pending.surroundings = hook.phase.side == Side::host ? inputs_.surroundings() : "";
    pending_ = std::move(pending);
    return false;
}

LayerCache::Found LayerCache::find(const Pending& pending, const std::string& title) {
    Found found;
    for (cache::Layer& layer : store_->variants(pending.base_key)) {
        ask_for_all(layer);
        const Currency currency =
            packages_.currency_of({{.state = layer.state, .time = layer.created}});
        if (!currency.current) {
            found.reason = currency.reason;
            continue;
        }
        std::optional<util::EntryLock> use = store_->use(layer.name);
        if (!use) {
            continue;
        }
        if (!store_->is_intact(layer)) {
            reporter_.warn("the stored layer of " + title + " is damaged; it is made again");
            found.reason = "the stored layer was damaged";
            use.reset();
            store_->remove(layer.name);
            continue;
        }
        used_.push_back(std::move(*use));
        return {.layer = std::move(layer)};
    }
    return found;
}

/// The first time that packages count, for all stored layers of the same repositories: layers above
/// will need it, and one round is enough.
void LayerCache::ask_for_all(const cache::Layer& layer) {
    if (layer.state.empty() || asked_) {
        return;
    }
    asked_ = true;
    std::set<std::string> urls;
    for (const cache::RepositoryUse& use : layer.state.repositories) {
        urls.insert(use.url);
    }
    std::vector<cache::DatedState> states;
    for (const cache::Layer& other : store_->layers()) {
        const auto& uses = other.state.repositories;
        if (std::any_of(uses.begin(), uses.end(), [&](const cache::RepositoryUse& use) {
                return urls.count(use.url) > 0;
            })) {
            states.push_back({.state = other.state, .time = other.created});
        }
    }
    packages_.ask_for(states);
}

bool LayerCache::stack(const cache::Layer& layer, const sandbox::HookRun& hook) {
    std::vector<sandbox::BoundPlace> places;
    for (const cache::BoundFolder& mount : layer.mounts) {
        places.push_back({.path = mount.path, .source = mount.source});
    }
    if (hook.phase.side == Side::host && !hooks_.left_mounts().restore(places)) {
        return false;
    }
    made_from_ = made_from_.value_or(layer.began);
    if (!layer.empty) {
        inputs_.remember_names_of(hook);
        layers_.push(store_->root_of(layer.name));
    }
    chain_ = cache::next_chain(chain_, layer);
    states_.push_back({.state = layer.state, .time = layer.created});
    report({.title = title_of(hook), .element = hook.element, .layer = layer.name, .hit = true});
    return true;
}

util::EntryLock LayerCache::wait_for_key(const std::string& base_key, const std::string& title) {
    bool told = false;
    return store_->lock_key(base_key, [&] {
        if (!std::exchange(told, true)) {
            reporter_.info("another build makes the layer of " + title + " now; waiting for it");
        }
    });
}

std::string LayerCache::nearest_difference(const cache::KeyManifest& inputs,
                                           const std::string& title,
                                           const std::string& element) {
    std::optional<cache::KeyManifest> nearest;
    std::size_t least = 0;
    std::int64_t newest = 0;
    for (const cache::Layer& layer : store_->layers()) {
        if (layer.title != title || layer.element != element) {
            continue;
        }
        std::optional<cache::KeyManifest> other = store_->inputs_of(layer.name);
        const std::size_t count = other ? count_differences(*other, inputs) : 0;
        if (other && (!nearest || count < least || (count == least && layer.created > newest))) {
            nearest = std::move(other);
            least = count;
            newest = layer.created;
        }
    }
    if (!nearest) {
        return "not in the cache";
    }
    return cache::first_difference(*nearest, inputs).value_or("its stored layer cannot be used");
}

void LayerCache::keep(const sandbox::HookRun& hook, LayerStack::Kept kept) {
    if (!pending_ || !is_on()) {
        pending_.reset();
        return;
    }
    try {
        store(hook, kept);
    } catch (const std::exception& error) {
        reporter_.warn("the layer of " + title_of(hook) +
                       " is not kept: " + std::string(error.what()));
        all_kept_ = false;
        note(kept);
    }
    pending_.reset();
}

void LayerCache::store(const sandbox::HookRun& hook, LayerStack::Kept kept) {
    cache::Layer layer = new_layer(hook, kept);
    LayerReport told = {.title = layer.title, .element = layer.element, .reason = pending_->reason};
    const std::string obstacle = hook.phase.side == Side::host ? take_surroundings(layer) : "";
    if (!obstacle.empty()) {
        all_kept_ = false;
        note(kept);
        told.reason += "; not kept: " + obstacle;
        report(std::move(told));
        return;
    }
    if (!layer.empty) {
        inputs_.remember_names_of(hook);
    }
    layer.state = packages_of(kept);
    used_.push_back(store_->publish(layer, pending_->inputs));
    chain_ = cache::next_chain(chain_, layer);
    states_.push_back({.state = layer.state, .time = layer.created});
    told.layer = layer.name;
    report(std::move(told));
}

cache::Layer LayerCache::new_layer(const sandbox::HookRun& hook, LayerStack::Kept kept) const {
    const auto took = std::chrono::steady_clock::now() - pending_->start;
    return {.name = build_ + "." + std::to_string(layers_.last_number()),
            .base_key = pending_->base_key,
            .title = title_of(hook),
            .element = hook.element,
            .empty = kept == LayerStack::Kept::empty,
            .began = *made_from_,
            .took = std::chrono::duration_cast<std::chrono::milliseconds>(took).count(),
            .depth = static_cast<std::int64_t>(reports_.size())};
}

/// Mounts that a host hook left go into its layer; gives what else keeps the layer from being used
/// in the hook's place, or nothing.
std::string LayerCache::take_surroundings(cache::Layer& layer) {
    if (inputs_.surroundings() != pending_->surroundings) {
        return "it wrote beside the tree";
    }
    const auto places = hooks_.left_mounts().sources();
    if (!places) {
        return "it left a mount that cannot be made again";
    }
    for (const sandbox::BoundPlace& place : *places) {
        layer.mounts.push_back({.path = place.path, .source = place.source});
    }
    return "";
}

/// By what a tool of kiln's has noted, else by what is in the tree.
cache::PackageState LayerCache::packages_of(LayerStack::Kept kept) {
    cache::PackageState state;
    if (::access(Paths::k_used_packages, R_OK) == 0) {
        const std::string notes = util::read_file(Paths::k_used_packages);
        for (const std::string& line : util::split(util::trim(notes), '\n')) {
            const cache::PackageState noted = cache::package_state_from_json(line);
            state.repositories.insert(
                state.repositories.end(), noted.repositories.begin(), noted.repositories.end());
        }
        ::unlink(Paths::k_used_packages);
    }
    if (state.empty() && kept == LayerStack::Kept::yes) {
        const sandbox::ReadOnlyTree tree(layers_);
        state = packages_.used_by(layers_.top(), tree.root(), pending_->began);
    }
    return state;
}

void LayerCache::note_hook(const sandbox::HookRun& hook, LayerStack::Kept kept) {
    if (store_ == nullptr) {
        return;
    }
    if (kept == LayerStack::Kept::yes) {
        inputs_.remember_names_of(hook);
    }
    // One that no element brought: nobody has seen what it reads of the host.
    all_kept_ = all_kept_ && !tree_.element_of(title_of(hook)).empty();
    note(kept);
}

void LayerCache::note(LayerStack::Kept kept) {
    if (store_ != nullptr && kept == LayerStack::Kept::yes) {
        const cache::Layer layer = {
            .name = {},
            .base_key = {},
            .digest = cache::digest_tree(layers_.top(), made_from_.value_or(std::time(nullptr)))};
        chain_ = cache::next_chain(chain_, layer);
    }
}

std::optional<std::string> LayerCache::chain() const {
    return is_on() ? std::optional(chain_) : std::nullopt;
}

std::vector<std::string> LayerCache::manifests() const {
    std::vector<std::string> paths;
    for (const LayerReport& report : reports_) {
        if (!report.layer.empty()) {
            paths.push_back(store_->manifest_of(report.layer));
        }
    }
    return paths;
}

void LayerCache::report(LayerReport report) {
    if (context_.options.explain) {
        reporter_.info(describe(report));
    }
    reports_.push_back(std::move(report));
}

} // namespace kiln::build
