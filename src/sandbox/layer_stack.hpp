#pragma once

#include "util/root_dir.hpp"

#include <memory>
#include <string>
#include <vector>

namespace kiln::sandbox {

/// Names of layers, the lowest first.
using LayerNames = std::vector<std::string>;

/// The options of mount(2) for an overlay of layers, by names relative to their folder; without an
/// upper layer it is read-only. The options that every overlay of kiln has keep hard facts the
/// same for root and for a user namespace: userxattr, redirect_dir=nofollow, index=off,
/// metacopy=off, xino=off (kernel Documentation/filesystems/overlayfs.rst). A writable one is
/// volatile too: without it every unmount waits until the layer is on the disk, the one after a
/// signal included, though nothing of a build outlives a crash.
std::string overlay_options(const LayerNames& lower, const std::string& upper);

/// The layers of a build, in a folder: `<folder>/<number>`, scratch space of the overlay in
/// `<folder>/work`, an empty lowest layer `0`, and an empty `none`. A number is a link where the
/// layer lies elsewhere: names in the options of a mount must be short.
class LayerStack {
public:
    /// Makes the folder. mount_path is where the merged tree appears. New layers are made at
    /// `<prefix>NUMBER/root` and the scratch space at `<prefix>work`; in the folder when prefix is
    /// empty.
    LayerStack(std::string folder, std::string mount_path, std::string prefix = {});

    /// The finished layers, lowest first.
    [[nodiscard]] const LayerNames& layers() const noexcept { return layers_; }

    [[nodiscard]] const std::string& mount_path() const noexcept { return mount_path_; }

    /// A new, empty layer on top (with the attributes of the root folder below it) is mounted with
    /// all below it at the mount path.
    void begin();

    enum class Kept { yes, empty };

    /// Unmounts; the new layer becomes part of the stack, or is dropped when nothing was changed.
    Kept finish();

    /// Puts a finished layer that lies elsewhere on top.
    void push(const std::string& root);

    /// The number of the layer that begin() made last.
    [[nodiscard]] unsigned long last_number() const noexcept { return next_ - 1; }

    /// The folder of the topmost layer.
    [[nodiscard]] std::string top() const { return path_of(layers_.back()); }

    /// Unmounts and throws the new layer away.
    void discard() noexcept;

    /// The finished layers, read-only, at the mount path.
    void mount_read_only();
    void unmount_all() noexcept;

private:
    void squash_if_deep();
    void mount_at(const LayerNames& lower, const std::string& upper) const;
    void make_layer(const std::string& name) const;
    void remove_layer(const std::string& name) const;
    [[nodiscard]] std::string path_of(const std::string& layer) const;

    std::string folder_;
    std::string mount_path_;
    std::string prefix_;
    LayerNames layers_{"0"};
    std::string open_{};
    unsigned long next_ = 1;
};

/// A layer under way: discarded unless finish() is called.
class OpenLayer {
public:
    explicit OpenLayer(LayerStack& stack) : stack_(&stack) { stack.begin(); }

    OpenLayer(const OpenLayer&) = delete;
    OpenLayer& operator=(const OpenLayer&) = delete;
    OpenLayer(OpenLayer&&) = delete;
    OpenLayer& operator=(OpenLayer&&) = delete;

    ~OpenLayer() {
        if (stack_ != nullptr) {
            stack_->discard();
        }
    }

    LayerStack::Kept finish() {
        LayerStack* stack = stack_;
        stack_ = nullptr;
        return stack->finish();
    }

private:
    LayerStack* stack_;
};

/// The finished layers, read-only at the mount path while it is there.
class ReadOnlyTree {
public:
    explicit ReadOnlyTree(LayerStack& stack) : stack_(stack) { stack.mount_read_only(); }

    ReadOnlyTree(const ReadOnlyTree&) = delete;
    ReadOnlyTree& operator=(const ReadOnlyTree&) = delete;
    ReadOnlyTree(ReadOnlyTree&&) = delete;
    ReadOnlyTree& operator=(ReadOnlyTree&&) = delete;

    ~ReadOnlyTree() { stack_.unmount_all(); }

    /// Opened anew each time: nobody may hold it when the tree goes.
    [[nodiscard]] util::RootDir root() const { return util::RootDir(stack_.mount_path()); }

private:
    LayerStack& stack_;
};

} // namespace kiln::sandbox
