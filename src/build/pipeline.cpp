#include "build/pipeline.hpp"

#include "build/background_removal.hpp"
#include "build/disk_plan.hpp"
#include "build/epoch.hpp"
#include "build/images.hpp"
#include "build/outside_files.hpp"
#include "build/secret_scan.hpp"
#include "build/tree_images.hpp"
#include "build/tree_steps.hpp"
#include "cache/os_release.hpp"
#include "disk/sizes.hpp"
#include "util/error.hpp"
#include "util/fd.hpp"
#include "util/text.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>

namespace kiln::build {
namespace {

namespace fs = std::filesystem;
using element::Phase;

sandbox::HookSite hook_site(const BuildContext& context) {
    const bool network = context.options.network && !context.options.offline;
    return {.hooks = Paths::k_hooks,
            .resolv_conf = network ? Paths::k_resolv_conf : "",
            .left_mounts = Paths::k_left_mounts,
            .timeout = context.options.hook_timeout,
            .network = network ? sandbox::Network::host : sandbox::Network::none,
            .on_failure = element::BreakPoints(context.options.break_points).after_error()
                              ? sandbox::OnFailure::break_shell
                              : sandbox::OnFailure::stop,
            .breaks = {.command = context.options.break_command,
                       .outside_target = context.options.break_outside_target,
                       .terminal = ::isatty(STDIN_FILENO) != 0},
            .log_directory = context.paths.logs,
            .tool_error = Paths::k_tool_error};
}

std::string host_resolv_conf() {
    static constexpr const char* k_path = "/etc/resolv.conf";
    return ::access(k_path, R_OK) == 0 ? util::read_file(k_path) : "";
}

void write_file(const fs::path& path, const std::string& content, unsigned mode) {
    fs::create_directories(path.parent_path());
    const util::Fd fd = util::open_file(path, O_WRONLY | O_CREAT | O_TRUNC, mode);
    util::write_all(fd.get(), content, path);
}

/// Packages of -p are installed by a hook of kiln's own, through the element's install-packages.
void write_packages_hook(const std::vector<std::string>& packages) {
    std::vector<std::string> words = {"exec", "install-packages"};
    for (const std::string& package : packages) {
        words.push_back(util::shell_quote(package));
    }
    write_file(fs::path(Paths::k_hooks) / "packages.d/50-packages",
               "#!/bin/bash\nset -eu -o pipefail\n" + util::join(words, " ") + "\n",
               0755);
}

void make_sparse_file(const std::string& path, std::uint64_t size) {
    const util::Fd fd = util::open_file(path, O_WRONLY | O_CREAT);
    if (::ftruncate(fd.get(), static_cast<off_t>(size)) != 0) {
        util::throw_errno("cannot make '" + path + "'");
    }
}

} // namespace

Pipeline::Pipeline(const BuildContext& context, process::Runner& runner, report::Reporter& reporter)
    : context_(context),
      runner_(runner),
      reporter_(reporter),
      tree_(context.elements),
      store_(context),
      layers_(Paths::k_layers, Paths::k_mount, store_.prefix()),
      hooks_(runner, reporter, layers_, hook_site(context)),
      cache_(context, store_, tree_, reporter, layers_, hooks_),
      phases_(context, tree_, reporter, hooks_, cache_),
      layout_(choose_layout(context)),
      seed_(disk_seed(context, tree_)),
      raw_(Paths::k_raw),
      image_size_(context.options.image_size) {}

BuildResult Pipeline::run() {
    try {
        return make_images();
    } catch (const PlanEnd&) {
        return {.explanation = explanation()};
    }
}

std::vector<std::string> Pipeline::explanation() const {
    std::vector<std::string> lines;
    for (const LayerReport& report : cache_.reports()) {
        lines.push_back(describe(report));
    }
    return lines;
}

BuildResult Pipeline::make_images() {
    write_hooks();
    make_root();
    install();
    prepare_disk();
    finalise();
    return hand_over();
}

/// Nothing when what the disk is made of follows from no known inputs.
std::optional<ImageInputs> Pipeline::image_inputs() const {
    const std::optional<std::string> chain = cache_.chain();
    if (!chain || raw_ != Paths::k_raw) {
        return std::nullopt;
    }
    return ImageInputs{.chain = *chain, .seed = seed_, .image_size = image_size_};
}

void Pipeline::remember(const EndedBuild& ended) const {
    try {
        remember_build(context_, ended, cache_);
    } catch (const std::exception& error) {
        reporter_.warn("the end of this build is not noted: " + std::string(error.what()));
    }
}

BuildResult Pipeline::plan_of(const ImageCache& images, const Outputs& outputs) const {
    BuildResult result{.explanation = explanation()};
    for (const disk::ImageFormat format : disk::parse_formats(context_.options.formats)) {
        result.explanation.push_back(images.describe(format, outputs.target_of(format)));
    }
    return result;
}

BuildResult Pipeline::hand_over() {
    const OutsideFiles outside(context_, reporter_);
    ImageCache images(context_, image_inputs(), reporter_);
    Outputs outputs(context_, images, reporter_);
    if (context_.options.plan_only) {
        return plan_of(images, outputs);
    }
    outputs.take_stored();
    if (!outputs.is_complete()) {
        scan_for_secrets();
        write_outputs(outputs);
    }
    images.finish(outputs.facts(), cache_);
    EndedBuild ended{.names = outputs.files(), .files = outputs.all_files()};
    for (const fs::path& name : outside.publish()) {
        ended.names.push_back(name);
    }
    for (const fs::path& file : outside.targets()) {
        ended.files.push_back({.path = file});
    }
    ended.disk_size = outputs.facts().disk_size;
    remember(ended);
    return {.files = ended.names, .disk_size = ended.disk_size, .explanation = explanation()};
}

void Pipeline::write_hooks() {
    tree_.write(Paths::k_hooks);
    if (!context_.options.packages.empty()) {
        write_packages_hook(context_.options.packages);
    }
    fs::create_directories(Paths::k_image);
    fs::create_directories(Paths::k_output);
    fs::create_directories(Paths::k_elements);
    for (const element::Element& element : context_.elements) {
        fs::create_symlink(element.path, fs::path(Paths::k_elements) / element.name);
    }
    fs::create_directories(Paths::k_host_shims);
    for (const char* program : {"mount", "sudo", "umount"}) {
        fs::create_symlink(context_.installation.shims / program,
                           fs::path(Paths::k_host_shims) / program);
    }
    const fs::path break_shell = fs::path(Paths::k_hooks) / sandbox::k_break_shell;
    fs::create_directories(break_shell.parent_path());
    for (const char* file : {"break-shell", "break-functions"}) {
        fs::copy_file(context_.installation.shims / file, break_shell.parent_path() / file);
    }
    write_file(Paths::k_resolv_conf, host_resolv_conf(), 0644);
}

void Pipeline::make_root() {
    phases_.run(Phase::root);
    layers_.mount_read_only();
    require_root(util::RootDir(Paths::k_mount), context_.elements);
    layers_.unmount_all();
}

void Pipeline::install() {
    phases_.run(Phase::extra_data);
    phases_.run(Phase::pre_install);
    phases_.run(Phase::install);
    phases_.run_own("packages");
    phases_.run(Phase::post_install);
    phases_.run(Phase::post_root);
}

void Pipeline::prepare_disk() {
    if (const auto size = image_size_answer(phases_.run(Phase::block_device_size))) {
        image_size_ = image_size_ ? image_size_ : size;
    }
    if (const auto file = block_device_answer(phases_.run(Phase::block_device))) {
        raw_ = *file;
    }
    make_sparse_file(raw_, image_size_.value_or(disk::k_mebibyte));
    for (const auto& [name, value] : disk_variables(layout_, raw_, seed_)) {
        phases_.set_variable(name, value);
    }
    change_tree([this](const util::RootDir& tree) {
        tree.write("etc/fstab", disk::make_fstab(layout_));
        for (const disk::Filesystem& filesystem : layout_.filesystems) {
            tree.make_directories(filesystem.mount_point.empty() ? "/" : filesystem.mount_point);
        }
    });
}

void Pipeline::finalise() {
    phases_.run(Phase::pre_finalise);
    phases_.run(Phase::finalise);
    phases_.run(Phase::cleanup);
    report::Step step(reporter_, "scrub");
    change_tree([](const util::RootDir& tree) { scrub(tree, host_resolv_conf()); });
    step.done();
}

void Pipeline::scan_for_secrets() {
    const std::vector<process::Secret> secrets =
        process::forbidden_secrets(context_.options.environment);
    if (secrets.empty()) {
        return;
    }
    report::Step step(reporter_, "secrets");
    layers_.mount_read_only();
    require_no_secrets(find_secrets(Paths::k_mount, secrets));
    layers_.unmount_all();
    step.done();
}

void Pipeline::write_outputs(Outputs& outputs) {
    layers_.mount_read_only();
    const std::int64_t epoch =
        image_epoch(util::RootDir(Paths::k_mount), context_.options.environment);
    outputs.note_system(cache::read_os_release(util::RootDir(Paths::k_mount)));
    write_tree_outputs(context_, epoch, outputs, runner_);
    if (outputs.wanted(disk::FormatSource::disk).empty()) {
        layers_.unmount_all();
        return;
    }
    outputs.note_disk_size(write_disk(epoch).placement.disk_size);
    layers_.unmount_all();
    // The raw disk holds all of it now.
    const BackgroundRemoval removal([this] { remove_layers(); });
    write_disk_outputs(context_, {.path = raw_, .seed = seed_, .epoch = epoch}, outputs, runner_);
}

/// Those that are not stored.
void Pipeline::remove_layers() const {
    util::RootDir(Paths::k_layers).clear(".");
    if (store_.get() != nullptr) {
        store_.get()->remove_unpublished(store_.build());
    }
}

disk::DiskResult Pipeline::write_disk(std::int64_t epoch) {
    return disk::write_disk(
        {.layout = layout_,
         .tree = Paths::k_mount,
         .raw_path = raw_,
         .size = {.disk_size = image_size_, .extra = context_.options.extra_size},
         .seed = seed_,
         .epoch = epoch},
        runner_,
        reporter_);
}

void Pipeline::change_tree(const std::function<void(const util::RootDir&)>& change) {
    sandbox::OpenLayer layer(layers_);
    change(util::RootDir(Paths::k_mount));
    cache_.note(layer.finish());
}

} // namespace kiln::build
