#pragma once

#include "build/build_store.hpp"
#include "build/context.hpp"
#include "build/layer_cache.hpp"
#include "build/outputs.hpp"
#include "build/phases.hpp"
#include "build/unchanged.hpp"
#include "disk/disk_writer.hpp"
#include "disk/layout.hpp"
#include "element/hook_tree.hpp"
#include "process/command.hpp"
#include "report/reporter.hpp"
#include "sandbox/hook_runner.hpp"
#include "sandbox/layer_stack.hpp"

#include <functional>

namespace kiln::build {

/// The stages of a build, inside the sandbox, in order.
class Pipeline {
public:
    Pipeline(const BuildContext& context, process::Runner& runner, report::Reporter& reporter);

    BuildResult run();

private:
    void write_hooks();
    void make_root();
    void install();
    void prepare_disk();
    void finalise();
    void scan_for_secrets();
    [[nodiscard]] std::optional<ImageInputs> image_inputs() const;
    BuildResult make_images();
    BuildResult hand_over();
    void remember(const EndedBuild& ended) const;
    [[nodiscard]] BuildResult plan_of(const ImageCache& images, const Outputs& outputs) const;
    [[nodiscard]] std::vector<std::string> explanation() const;
    void write_outputs(Outputs& outputs);
    void remove_layers() const;
    disk::DiskResult write_disk(std::int64_t epoch);

    /// Changes the tree on a layer of its own.
    void change_tree(const std::function<void(const util::RootDir&)>& change);

    const BuildContext& context_;
    process::Runner& runner_;
    report::Reporter& reporter_;
    element::HookTree tree_;
    BuildStore store_;
    sandbox::LayerStack layers_;
    sandbox::HookRunner hooks_;
    LayerCache cache_;
    PhaseRunner phases_;
    disk::Layout layout_;
    std::string seed_;
    std::string raw_;
    std::optional<std::uint64_t> image_size_;
};

} // namespace kiln::build
