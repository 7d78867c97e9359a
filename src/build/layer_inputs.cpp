#include "build/layer_inputs.hpp"

#include "build/disk_plan.hpp"
#include "build/host_inputs.hpp"
#include "build/path_variables.hpp"
#include "build/program_id.hpp"
#include "cache/tree_digest.hpp"
#include "element/input_files.hpp"
#include "process/secrets.hpp"
#include "util/digest.hpp"
#include "util/fd.hpp"
#include "util/secret_names.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>

namespace kiln::build {
namespace {

namespace fs = std::filesystem;
using element::Side;

/// A change here makes all stored layers of earlier versions useless.
constexpr const char* k_key_format = "kiln layer 1";

std::string title_of_file(const std::string& element, const std::string& path) {
    return element.empty() ? path + " of the hooks tree" : "elements/" + element + "/" + path;
}

std::set<std::string> names_of(const process::Environment& environment) {
    std::set<std::string> names;
    for (const auto& [name, value] : environment) {
        names.insert(name);
    }
    return names;
}

/// It follows from all inputs of the build: that it differs explains nothing.
constexpr std::string_view k_from_all = "KILN_ROOT_UUID";

/// What kiln has in the folder of a build.
constexpr std::array<std::string_view, 14> k_own_names = {"mnt",
                                                          "hooks",
                                                          "elements",
                                                          "layers",
                                                          "image",
                                                          "output",
                                                          "shims",
                                                          "resolv.conf",
                                                          "mounts",
                                                          "outputs",
                                                          "tool-error",
                                                          "used-packages",
                                                          "freshness",
                                                          "root"};

constexpr std::string_view k_environment_folder = "environment.d/";

} // namespace

std::string title_of(const sandbox::HookRun& hook) {
    return hook.phase.name + ".d/" + hook.name;
}

cache::KeyManifest LayerInputs::of(const sandbox::HookRun& hook, const std::string& chain) {
    cache::KeyManifest inputs(k_key_format);
    inputs.add(std::string(cache::k_parent_tag), chain);
    inputs.add("hook", title_of(hook));
    inputs.add("side", hook.phase.side == Side::host ? "host" : "tree");
    inputs.add("network", context_.options.network ? "" : "none", "--no-network");
    refresh_snapshot();
    const element::HookInputs seen =
        reader_.inputs_of(*snapshot_, title_of(hook), names_of(hook.environment));
    add_files(seen, inputs);
    add_variables(seen, hook.environment, inputs);
    add_layout(inputs);
    if (hook.phase.side == Side::host) {
        add_program(hook, inputs);
        add_host_files(hook, inputs);
        add_named_files(seen, inputs);
    }
    if (seen.reads_elements) {
        add_elements(inputs);
    }
    if (seen.reads_library) {
        add_library(hook.environment, inputs);
    }
    for (const sandbox::Shim& shim : hook.shims) {
        inputs.add("shim " + shim.target, util::sha256(util::read_file(shim.source)));
    }
    return inputs;
}

void LayerInputs::refresh_snapshot() {
    if (snapshot_) {
        snapshot_->refresh();
    } else {
        snapshot_.emplace(Paths::k_hooks);
    }
}

void LayerInputs::add_files(const element::HookInputs& seen, cache::KeyManifest& inputs) {
    for (const auto& [path, entry] : snapshot_->entries()) {
        if (seen.sees_all_files || seen.files.count(path) > 0) {
            if (entry.kind == element::HooksEntryKind::link) {
                add_link(path, inputs);
            }
            inputs.add(
                "file " + path, entry.describe(), title_of_file(tree_.element_of(path), path));
        }
    }
}

/// A link may lead out of the hooks tree; on the host side that is a file of the host.
void LayerInputs::add_link(const std::string& path, cache::KeyManifest& inputs) {
    const std::string place = std::string(Paths::k_hooks) + "/" + path;
    inputs.add("target of " + path, element::digest_of_inputs({place}), "what " + path + " names");
}

void LayerInputs::add_host_files(const sandbox::HookRun& hook, cache::KeyManifest& inputs) const {
    std::vector<std::string> fragments;
    for (const auto& [path, entry] : snapshot_->entries()) {
        if (entry.text && path.starts_with(k_environment_folder)) {
            fragments.push_back(*entry.text);
        }
    }
    const element::HooksEntry* script = snapshot_->find(title_of(hook));
    if (script == nullptr || !script->text) {
        return;
    }
    const auto files =
        host_inputs(context_,
                    {.phase = hook.phase, .script = *script->text, .file = title_of(hook)},
                    variables_set_by(fragments));
    for (const auto& [path, content] : files.value_or(std::map<std::string, std::string>{})) {
        inputs.add("host file " + path, content, path + " of the host");
    }
}

void LayerInputs::add_named_files(const element::HookInputs& seen, cache::KeyManifest& inputs) {
    if (!named_files_) {
        named_files_ = files_named_by(context_.options.environment);
    }
    for (const auto& [name, digest] : *named_files_) {
        if (seen.variables.count(name) > 0) {
            inputs.add("file of " + name, digest, "the file that " + name + " names");
        }
    }
}

/// Their folders, with what is not in the hooks tree: documents, dependencies.
void LayerInputs::add_elements(cache::KeyManifest& inputs) const {
    for (const element::Element& element : context_.elements) {
        const element::HooksSnapshot folder(element.path);
        for (const auto& [path, entry] : folder.entries()) {
            const std::string title = title_of_file(element.name, path);
            inputs.add("element " + title, entry.describe(), title);
        }
    }
}

/// The peer's library lies on the host, beside its elements.
void LayerInputs::add_library(const process::Environment& environment,
                              cache::KeyManifest& inputs) const {
    const auto folder = environment.find("_LIB");
    if (folder == environment.end() || !fs::is_directory(folder->second)) {
        return;
    }
    const element::HooksSnapshot library(folder->second);
    for (const auto& [path, entry] : library.entries()) {
        inputs.add("library " + path, entry.describe(), folder->second + "/" + path);
    }
}

/// Scripts that a hook writes into the tree can read what is named in it, whoever runs them later.
void LayerInputs::remember_names_of(const sandbox::HookRun& hook) {
    refresh_snapshot();
    const element::HookInputs seen =
        reader_.inputs_of(*snapshot_, title_of(hook), names_of(hook.environment));
    written_names_.insert(seen.variables.begin(), seen.variables.end());
}

/// Hooks may read the variable that holds it, or names it; what counts is its content.
void LayerInputs::add_layout(cache::KeyManifest& inputs) const {
    if (!context_.options.block_device_config.empty()) {
        inputs.add("layout", util::sha256(layout_inputs(context_)), "DIB_BLOCK_DEVICE_CONFIG");
    }
}

/// kiln itself, for hooks that call it, and what stands over programs of the host.
void LayerInputs::add_program(const sandbox::HookRun& hook, cache::KeyManifest& inputs) const {
    const element::HooksEntry* script = snapshot_->find(title_of(hook));
    if (script != nullptr && script->text &&
        (script->text->find("$KILN\"") != std::string::npos ||
         script->text->find("$KILN ") != std::string::npos ||
         script->text->find("${KILN}") != std::string::npos)) {
        inputs.add("kiln", program_id(), "kiln itself");
    }
    for (const char* shim : {"mount", "sudo", "umount"}) {
        const fs::path path = context_.installation.shims / shim;
        inputs.add("shim " + std::string(shim), util::sha256(util::read_file(path)));
    }
}

void LayerInputs::add_variables(const element::HookInputs& seen,
                                const process::Environment& environment,
                                cache::KeyManifest& inputs) const {
    for (const auto& [name, value] : environment) {
        if (counts(seen, name)) {
            const std::string kind(name == k_from_all ? cache::k_derived_prefix : "");
            inputs.add(kind + "variable " + name, shown_or_hidden(name, value));
        }
    }
}

/// grub-mkconfig reads its settings from the environment too.
bool LayerInputs::counts(const element::HookInputs& seen, const std::string& name) const {
    return seen.variables.count(name) > 0 || written_names_.count(name) > 0 ||
           name.starts_with("GRUB_");
}

/// A plain digest of a password could be tried out; this one only by who has the store.
std::string LayerInputs::shown_or_hidden(const std::string& name, const std::string& value) const {
    const std::vector<process::Secret> secrets = process::secrets_of(context_.options.environment);
    const bool told =
        std::any_of(secrets.begin(), secrets.end(), [&](const process::Secret& secret) {
            return secret.variable == name || value.find(secret.value) != std::string::npos;
        });
    const bool plain = !told && util::shown_value(name, value) == value;
    return plain ? value : "secret " + util::sha256(salt_ + name + "\n" + value);
}

/// Hooks, outputs and files for the image: a host hook could write there, and a stored layer would
/// not bring that back.
std::string LayerInputs::surroundings() {
    refresh_snapshot();
    util::Digest digest(util::DigestKind::sha256);
    for (const auto& [path, entry] : snapshot_->entries()) {
        digest.update(path + "\n" + entry.describe() + "\n");
    }
    for (const char* folder : {Paths::k_output, Paths::k_image}) {
        digest.update(cache::stamp_tree(folder));
    }
    for (const fs::directory_entry& entry : fs::directory_iterator(Paths::k_inside)) {
        const std::string name = entry.path().filename();
        if (std::find(k_own_names.begin(), k_own_names.end(), name) == k_own_names.end()) {
            digest.update(name + "\n" + element::digest_of_inputs({entry.path().string()}) + "\n");
        }
    }
    return digest.finish();
}

} // namespace kiln::build
