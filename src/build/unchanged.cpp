#include "build/unchanged.hpp"

#include "build/disk_plan.hpp"
#include "build/hook_environment.hpp"
#include "build/host_inputs.hpp"
#include "build/package_watch.hpp"
#include "build/path_variables.hpp"
#include "build/program_id.hpp"
#include "cache/build_records.hpp"
#include "cache/finished_images.hpp"
#include "cache/key.hpp"
#include "disk/checksums.hpp"
#include "element/environment_fragment.hpp"
#include "element/hook_tree.hpp"
#include "element/hooks_snapshot.hpp"
#include "element/input_files.hpp"
#include "element/unkeyed_variables.hpp"
#include "util/digest.hpp"
#include "util/error.hpp"
#include "util/fd.hpp"
#include "util/signal.hpp"
#include "util/temp_dir.hpp"
#include "util/text.hpp"

#include <sys/stat.h>

namespace kiln::build {
namespace {

namespace fs = std::filesystem;
using cache::KeyManifest;

cache::FinishedImages images_of(const BuildContext& context) {
    return cache::FinishedImages((context.options.cache_directory / "images").string());
}

cache::BuildRecords records_of(const BuildContext& context) {
    return cache::BuildRecords((context.options.cache_directory / "images/builds").string());
}

void add_options(const BuildOptions& options, KeyManifest& key) {
    key.add("architecture", options.architecture);
    key.add("arguments", options.arguments);
    key.add("output", options.output);
    key.add("formats", options.formats);
    key.add("compression", options.compression + "\n" + options.qemu_img_options);
    key.add("packages", util::join(options.packages, "\n"));
    key.add("image size", options.image_size ? std::to_string(*options.image_size) : "");
    key.add("extra size", std::to_string(options.extra_size));
    key.add("checksums", options.checksums + "\n" + options.checksum_prefix);
    key.add("container", options.container_name + "\n" + options.aci_manifest);
    key.add("install type", options.install_type);
    key.add("network", options.network ? "" : "none");
    for (const auto& [name, value] : options.environment) {
        if (!element::is_unkeyed(name)) {
            key.add("variable " + name, util::sha256(value));
        }
    }
}

std::string describe_source(const fs::path& source) {
    if (fs::is_symlink(fs::symlink_status(source))) {
        return "link " + element::digest_of_inputs({source.string()});
    }
    struct stat info = {};
    if (::stat(source.c_str(), &info) != 0) {
        util::throw_errno("cannot look at '" + source.string() + "'");
    }
    return std::to_string(info.st_mode & 07777) + " " +
           (S_ISREG(info.st_mode) ? util::sha256(util::read_file(source)) : "");
}

void add_named_files(const BuildOptions& options, KeyManifest& key) {
    for (const auto& [name, digest] : files_named_by(options.environment)) {
        key.add("file of " + name, digest);
    }
}

void add_folder(const std::string& tag, const fs::path& folder, KeyManifest& key) {
    const element::HooksSnapshot snapshot(folder);
    for (const auto& [path, entry] : snapshot.entries()) {
        std::string name = tag + " ";
        key.add(name.append(path), entry.describe());
    }
}

void add_program(const BuildContext& context, KeyManifest& key) {
    key.add("kiln", program_id());
    add_folder("shim", context.installation.shims, key);
    const process::Environment environment =
        hook_environment(context, element::phase_info(element::Phase::root));
    const auto library = environment.find("_LIB");
    if (library != environment.end()) {
        add_folder("library", library->second, key);
    }
}

/// The phase of a host hook, or nothing for another file.
const element::PhaseInfo* host_phase_of(const element::HookTreeEntry& entry) {
    for (const element::PhaseInfo& phase : element::phases()) {
        const std::string prefix = phase.name + ".d/";
        if (phase.side == element::Side::host &&
            entry.relative_path.compare(0, prefix.size(), prefix) == 0) {
            return &phase;
        }
    }
    return nullptr;
}

std::set<std::string> variables_set(const std::vector<element::HookTreeEntry>& entries) {
    std::vector<std::string> fragments;
    for (const element::HookTreeEntry& entry : entries) {
        if (entry.relative_path.compare(0, 14, "environment.d/") == 0 &&
            fs::is_regular_file(entry.source)) {
            fragments.push_back(util::read_file(entry.source));
        }
    }
    return variables_set_by(fragments);
}

/// Whether a file of environment.d runs programs, which may read what nobody knows of.
bool runs_programs(const element::HookTreeEntry& entry) {
    if (!entry.relative_path.starts_with("environment.d/")) {
        return false;
    }
    if (!fs::is_regular_file(entry.source)) {
        return true;
    }
    const std::string why =
        element::read_environment_fragment(util::read_file(entry.source)).counts_always;
    return !why.empty() && !why.starts_with("it sets");
}

/// False when a host hook that runs every time may read what nobody knows of.
bool add_host_inputs(const BuildContext& context,
                     const element::HookTreeEntry& entry,
                     const std::set<std::string>& unknown,
                     KeyManifest& key) {
    const element::PhaseInfo* phase = host_phase_of(entry);
    if (phase == nullptr) {
        return true;
    }
    if (!fs::is_regular_file(entry.source)) {
        return false;
    }
    const HostHook hook{
        .phase = *phase, .script = util::read_file(entry.source), .file = entry.source.string()};
    const auto inputs = host_inputs(context, hook, unknown);
    if (!inputs) {
        return phase->phase == element::Phase::root;
    }
    for (const auto& [path, content] : *inputs) {
        key.add("host file " + path, content);
    }
    return true;
}

/// The digest of a file in its place. What was known of it counts as long as nobody replaced it.
std::string noted_digest(const WrittenFile& file, const cache::FinishedImages& images) {
    if (!file.sha256.empty() && images.is_output(file.path, file.sha256)) {
        return file.sha256;
    }
    const std::string digest = disk::compute_checksums(file.path, {.sha256 = true}).sha256;
    images.note_output(file.path, digest);
    return digest;
}

} // namespace

std::string build_key(const BuildContext& context) {
    const BuildOptions& options = context.options;
    if (!options.use_cache || options.plan_only || !options.break_points.empty()) {
        return "";
    }
    KeyManifest key("kiln build 1");
    add_options(options, key);
    add_named_files(options, key);
    add_program(context, key);
    key.add("layout", layout_inputs(context));
    std::vector<std::string> names;
    for (const element::Element& element : context.elements) {
        names.push_back(element.name);
        // Hooks may read what is not in the hooks tree too.
        add_folder("element " + element.name, element.path, key);
    }
    key.add("elements", util::join(names, " "));
    const std::vector<element::HookTreeEntry> entries =
        element::HookTree(context.elements).entries();
    const std::set<std::string> unknown = variables_set(entries);
    for (const element::HookTreeEntry& entry : entries) {
        key.add("file " + entry.relative_path, describe_source(entry.source));
        if (runs_programs(entry) || !add_host_inputs(context, entry, unknown, key)) {
            return "";
        }
    }
    return key.digest();
}

std::optional<BuildResult> unchanged_result(const BuildContext& context,
                                            report::Reporter& reporter) {
    if (context.build_key.empty() || context.options.explain) {
        return std::nullopt;
    }
    const cache::BuildRecords records = records_of(context);
    const cache::FinishedImages images = images_of(context);
    const std::optional<cache::BuildRecord> record = records.find(context.build_key);
    if (!record) {
        return std::nullopt;
    }
    for (const cache::BuildRecord::Output& output : record->outputs) {
        if (!images.is_output(output.path, output.digest)) {
            return std::nullopt;
        }
    }
    util::SignalWatch signals;
    const std::string scratch = context.options.cache_directory / "freshness";
    PackageWatch packages(context.options, scratch, reporter, [&signals] {
        if (const auto number = signals.take()) {
            throw util::Interrupted(*number);
        }
    });
    const Currency currency = packages.currency_of(record->states);
    if (!currency.current) {
        reporter.info("the outputs of the last build are not current: " + currency.reason);
        return std::nullopt;
    }
    records.touch(*record);
    BuildResult result{.disk_size = record->disk_size};
    for (const std::string& name : record->names) {
        result.files.emplace_back(name);
    }
    return result;
}

void remember_build(const BuildContext& context,
                    const EndedBuild& build,
                    const LayerCache& layers) {
    if (context.build_key.empty() || !layers.has_kept_all()) {
        return;
    }
    const cache::FinishedImages images = images_of(context);
    cache::BuildRecord record{.key = context.build_key, .disk_size = build.disk_size};
    for (const WrittenFile& file : build.files) {
        record.outputs.push_back({.path = file.path, .digest = noted_digest(file, images)});
    }
    for (const fs::path& name : build.names) {
        record.names.push_back(name);
    }
    record.states = layers.states();
    record.kept_by = layers.manifests();
    records_of(context).put(record);
}

} // namespace kiln::build
