#include "cli/commands/build_options.hpp"

#include "build/architecture.hpp"
#include "build/hook_environment.hpp"
#include "cache/freshness_policy.hpp"
#include "cli/numbers.hpp"
#include "cli/places.hpp"
#include "disk/formats.hpp"
#include "util/error.hpp"
#include "util/fd.hpp"
#include "util/text.hpp"

#include <CLI/CLI.hpp>

#include <sys/utsname.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>

namespace kiln::cli {
namespace {

using process::Environment;

constexpr double k_gib = 1024.0 * 1024 * 1024;
constexpr double k_mib = 1024.0 * 1024;
/// A pebibyte: beyond any disk, and within what a file may have.
constexpr double k_most_bytes = k_gib * k_mib;

/// The option's value, else its variable's, else the default.
std::string first_set(const std::string& option,
                      const Environment& variables,
                      const char* name,
                      const std::string& fallback) {
    if (!option.empty()) {
        return option;
    }
    const auto found = variables.find(name);
    return found == variables.end() || found->second.empty() ? fallback : found->second;
}

bool is_set(bool option, const Environment& variables, const char* name) {
    const std::string value = first_set("", variables, name, "0");
    return option || (value != "0" && value != "False" && value != "false");
}

std::optional<std::uint64_t> bytes(const std::string& text, const char* option, double unit) {
    if (text.empty()) {
        return std::nullopt;
    }
    const double value = positive_number(text, option) * unit;
    if (value > k_most_bytes) {
        throw util::Error({.what = std::string(option) + ": '" + text + "' is too large",
                           .code = util::ExitCode::usage});
    }
    return static_cast<std::uint64_t>(std::llround(value));
}

std::string own_architecture() {
    utsname names = {};
    ::uname(&names);
    return build::debian_architecture(static_cast<const char*>(names.machine));
}

/// As the peer does: "-o x.qcow2 -t qcow2" means x.
std::string without_extension(const std::string& output,
                              const std::vector<disk::ImageFormat>& formats) {
    if (formats.size() != 1) {
        return output;
    }
    const disk::FormatInfo& info = disk::format_info(formats.front());
    for (const std::string_view word : {info.extension, info.name}) {
        const std::string suffix = "." + std::string(word);
        if (output.size() > suffix.size() && output.ends_with(suffix) &&
            output[output.size() - suffix.size() - 1] != '/') {
            return output.substr(0, output.size() - suffix.size());
        }
    }
    return output;
}

} // namespace

void BuildFlags::define(CLI::App& app) {
    // As with the peer, an option that is given again counts the last time.
    app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
    app.add_option("ELEMENT", elements_, "Elements to build the image from")->take_all();
    define_image(app);
    define_disk(app);
    define_build(app);
    define_ignored(app);
}

void BuildFlags::define_image(CLI::App& app) {
    app.add_option("-o,--output", output_, "Output name, without extension [IMAGE_NAME; image]");
    app.add_option(
        "-t,--types", formats_, "Formats: " + disk::known_formats() + " [IMAGE_TYPE; qcow2]");
    app.add_option("-a,--arch", architecture_, "Architecture [ARCH; the machine's]");
    app.add_option("-p,--packages", packages_, "More packages, separated by commas")
        ->take_all()
        ->allow_extra_args(false);
    app.add_flag("-n,--no-base", no_base_, "Leave out the element 'base' [SKIP_BASE]");
    app.add_flag("-u,--uncompressed", uncompressed_, "Do not compress the qcow2");
    app.add_option("--compression", compression_, "qcow2: zstd, zlib or none [zstd]");
    app.add_option("--qemu-img-options", qemu_img_options_, "More -o options of qemu-img convert");
    app.add_flag("--checksum", checksum_, "Write .sha256 and .md5 beside [DIB_CHECKSUM]");
    app.add_option("--docker-target", docker_target_, "REPOSITORY:TAG of docker and oci images");
    app.add_flag("--as-peer", as_peer_, "Treat old files as disk-image-create does")->group("");
}

void BuildFlags::define_disk(CLI::App& app) {
    app.add_option("--image-size", image_size_, "Disk size in GB [DIB_IMAGE_SIZE; by content]");
    app.add_option("--image-extra-size", extra_size_, "More MB [DIB_IMAGE_EXTRA_SIZE]");
    app.add_option("--root-label", root_label_, "Label of / [ROOT_LABEL; cloudimg-rootfs]");
    app.add_option("--mkfs-options", mkfs_options_, "More options of mke2fs for / [MKFS_OPTS]");
    app.add_option("--mkfs-journal-size", journal_size_, "ext4 journal, MB [DIB_JOURNAL_SIZE]");
    app.add_option("--max-online-resize",
                   max_online_resize_,
                   "Blocks that / may grow to online [MAX_ONLINE_RESIZE]");
}

void BuildFlags::define_build(CLI::App& app) {
    app.add_flag("-x,--trace", trace_, "Trace hooks (repeat for more) [DIB_DEBUG_TRACE]");
    app.add_flag("-c,--clear-environment",
                 clear_environment_,
                 "Ignore all environment variables; hooks get only --env");
    app.add_option("--env", environment_, "Hand a variable to hooks: NAME or NAME=VALUE")
        ->take_all()
        ->allow_extra_args(false);
    app.add_flag("--offline",
                 offline_,
                 "Use what is on this machine only: hooks have no network [DIB_OFFLINE]");
    app.add_flag("--no-network", no_network_, "Hooks have no network");
    app.add_option("--hook-timeout", hook_timeout_, "Longest time of a hook, seconds [0: any]");
    app.add_option("--on-error", on_error_, "shell: open one in a failed hook's root [stop]")
        ->check(CLI::IsMember({"stop", "shell"}));
    app.add_option("--break", break_points_, "Stop at before-PHASE, after-PHASE/HOOK, ... [break]");
    app.add_option("--break-cmd", break_command_, "What to run there [break_cmd; a shell]");
    app.add_option("--install-type", install_type_, "source or package [DIB_DEFAULT_INSTALLTYPE]");
    app.add_option("--image-cache", image_cache_, "Cache folder [DIB_IMAGE_CACHE; ~/.cache/kiln]");
    app.add_flag("--no-cache", no_cache_, "Make every layer anew, and keep none");
    app.add_option(
        "--cache-size", cache_size_, "What the cache may take, GB [KILN_CACHE_SIZE; 20]");
    app.add_option("--freshness",
                   freshness_,
                   "Stored layers: check, pinned or max-age=12h [KILN_FRESHNESS; check]");
    app.add_flag("--explain", explain_, "Say of each layer why it was used or made");
    app.add_option("--work-dir", work_directory_, "Where builds work [TMP_DIR; the cache folder]");
    app.add_flag("--allow-override",
                 allow_override_,
                 "Let ELEMENTS_PATH replace vm, bootloader and block-device-*");
}

void BuildFlags::define_ignored(CLI::App& app) {
    const std::string group = "Accepted, without effect";
    app.add_flag("--no-tmpfs", no_tmpfs_, "kiln never builds in a tmpfs")->group(group);
    app.add_option("--min-tmpfs", min_tmpfs_, "kiln never builds in a tmpfs")->group(group);
    app.add_option("--ramdisk-element", ramdisk_element_, "no ramdisks yet")->group(group);
}

std::vector<std::string> BuildFlags::warnings() const {
    std::vector<std::string> warnings;
    if (no_tmpfs_ || !min_tmpfs_.empty()) {
        warnings.emplace_back("--no-tmpfs and --min-tmpfs have no effect: kiln builds on disk, "
                              "in --work-dir");
    }
    if (!ramdisk_element_.empty()) {
        warnings.emplace_back("--ramdisk-element has no effect on a disk image");
    }
    const char* gzip = clear_environment_ ? nullptr : ::getenv("DIB_GZIP_BIN");
    if (gzip != nullptr && *gzip != '\0') {
        warnings.emplace_back("DIB_GZIP_BIN has no effect: kiln compresses without a program");
    }
    return warnings;
}

build::BuildOptions BuildFlags::options() const {
    const Environment caller = caller_environment();
    const Environment variables = clear_environment_ ? Environment{} : caller;
    build::BuildOptions options;
    options.elements = elements_;
    fill_image(options, variables);
    fill_disk(options, variables);
    fill_build(options, variables);
    options.environment = build::user_environment(variables, {});
    for (const auto& [name, value] :
         build::user_environment({}, asked_values(environment_, caller))) {
        options.environment[name] = value;
    }
    return options;
}

void BuildFlags::fill_image(build::BuildOptions& options, const Environment& variables) const {
    options.formats = first_set(formats_, variables, "IMAGE_TYPE", "qcow2");
    options.output = without_extension(first_set(output_, variables, "IMAGE_NAME", "image"),
                                       disk::parse_formats(options.formats));
    options.architecture = first_set(architecture_, variables, "ARCH", own_architecture());
    options.with_base = !is_set(no_base_, variables, "SKIP_BASE");
    options.checksums = checksum_ ? "1" : first_set("", variables, "DIB_CHECKSUM", "");
    options.container_name = docker_target_;
    fill_old_ways(options, variables);
    options.compression = uncompressed_ ? "none" : first_set(compression_, {}, "", "zstd");
    options.qemu_img_options = first_set(qemu_img_options_, variables, "QEMU_IMG_OPTIONS", "");
    for (const std::string& list : packages_) {
        for (const std::string& name : util::split(list, ',')) {
            if (!util::trim(name).empty()) {
                options.packages.emplace_back(util::trim(name));
            }
        }
    }
}

void BuildFlags::fill_old_ways(build::BuildOptions& options, const Environment& variables) const {
    const std::string manifest = first_set("", variables, "ACI_MANIFEST", "");
    if (!manifest.empty()) {
        if (::access(manifest.c_str(), R_OK) != 0) {
            util::throw_errno({.what = "ACI_MANIFEST: cannot read '" + manifest + "'",
                               .hint = "correct it, or leave it out: the aci gets no manifest then",
                               .code = util::ExitCode::usage});
        }
        options.aci_manifest = util::read_file(manifest);
    }
    if (!as_peer_) {
        return;
    }
    if (!is_set(false, variables, "OVERWRITE_OLD_IMAGE")) {
        options.old_outputs = build::OldOutputs::keep;
    }
    if (options.output.has_parent_path()) {
        options.checksum_prefix = (options.output.parent_path() / "").string();
    }
}

void BuildFlags::fill_disk(build::BuildOptions& options, const Environment& variables) const {
    options.image_size =
        bytes(first_set(image_size_, variables, "DIB_IMAGE_SIZE", ""), "--image-size", k_gib);
    if (options.image_size == 0U) {
        throw util::Error({.what = "--image-size: a disk of 0 bytes can hold nothing",
                           .hint = "leave it out, and the content decides",
                           .code = util::ExitCode::usage});
    }
    options.extra_size = bytes(first_set(extra_size_, variables, "DIB_IMAGE_EXTRA_SIZE", ""),
                               "--image-extra-size",
                               k_mib)
                             .value_or(0);
    options.journal_size = bytes(
        first_set(journal_size_, variables, "DIB_JOURNAL_SIZE", ""), "--mkfs-journal-size", k_mib);
    options.mkfs_options = first_set(mkfs_options_, variables, "MKFS_OPTS", "");
    const std::string resize = first_set(max_online_resize_, variables, "MAX_ONLINE_RESIZE", "");
    options.max_online_resize = bytes(resize, "--max-online-resize", 1);
    options.filesystem = first_set("", variables, "FS_TYPE", "ext4");
    options.root_label = first_set(root_label_, variables, "ROOT_LABEL", "cloudimg-rootfs");
    options.block_device_config = first_set("", variables, "DIB_BLOCK_DEVICE_CONFIG", "");
}

void BuildFlags::fill_build(build::BuildOptions& options, const Environment& variables) const {
    options.trace = trace_;
    if (trace_ == 0) {
        const std::string level = first_set("", variables, "DIB_DEBUG_TRACE", "");
        options.trace = static_cast<int>(bytes(level, "DIB_DEBUG_TRACE", 1).value_or(0));
    }
    options.break_points = first_set(break_points_, variables, "break", "");
    options.break_command = first_set(break_command_, variables, "break_cmd", "");
    options.break_outside_target = is_set(false, variables, "break_outside_target");
    if (on_error_ == "shell") {
        options.break_points += " after-error";
    }
    options.offline = is_set(offline_, variables, "DIB_OFFLINE");
    options.network = !no_network_;
    options.allow_override = allow_override_;
    options.install_type = first_set(install_type_, variables, "DIB_DEFAULT_INSTALLTYPE", "source");
    if (!hook_timeout_.empty()) {
        const double seconds = positive_number(hook_timeout_, "--hook-timeout");
        if (seconds > 0) {
            options.hook_timeout = std::chrono::milliseconds(std::llround(seconds * 1000));
        }
    }
    options.use_cache = !no_cache_;
    options.explain = explain_;
    options.freshness = first_set(freshness_, variables, "KILN_FRESHNESS", "check");
    cache::parse_freshness(options.freshness,
                           freshness_.empty() ? "KILN_FRESHNESS" : "--freshness");
    options.cache_size =
        bytes(first_set(cache_size_, variables, "KILN_CACHE_SIZE", ""), "--cache-size", k_gib)
            .value_or(options.cache_size);
    options.elements_path = first_set("", variables, "ELEMENTS_PATH", "");
    options.cache_directory =
        absolute_path(first_set(image_cache_, variables, "DIB_IMAGE_CACHE", default_cache()));
    options.work_directory = absolute_path(
        first_set(work_directory_, variables, "TMP_DIR", options.cache_directory.string()));
    options.state_directory = default_state();
    options.arguments = util::join(elements_, " ");
}

} // namespace kiln::cli
