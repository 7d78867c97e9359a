#pragma once

#include <optional>
#include <string>
#include <vector>

namespace kiln::inspect {

/// Who knows what wrote a path of one image.
class LayerOrigin {
public:
    LayerOrigin() = default;
    LayerOrigin(const LayerOrigin&) = delete;
    LayerOrigin& operator=(const LayerOrigin&) = delete;
    LayerOrigin(LayerOrigin&&) = delete;
    LayerOrigin& operator=(LayerOrigin&&) = delete;
    virtual ~LayerOrigin() = default;

    /// The last hook that wrote or removed a path (without a leading slash); nothing when none is
    /// known.
    [[nodiscard]] virtual std::optional<std::string> writer_of(const std::string& path) = 0;
};

/// The layer of one hook.
struct Layer {
    /// "install.d/50-nginx (element web)".
    std::string title;
    /// The upper folder of its overlay, as the kernel left it: whiteouts are devices c 0:0 or files
    /// with user.overlay.whiteout; a folder with user.overlay.opaque=y hides those below it.
    std::string folder;
};

/// Looks for a path in the layers of an image. Folders that only lie on the way to what a hook
/// wrote are in its layer too, so for a folder this tells who wrote last in it.
class LayerFolders : public LayerOrigin {
public:
    /// The first layer is the lowest.
    explicit LayerFolders(std::vector<Layer> layers) : layers_(std::move(layers)) {}

    [[nodiscard]] std::optional<std::string> writer_of(const std::string& path) override;

    /// Title of a layer that could not be looked at: it is gone, or its files belong to subordinate
    /// ids, of which some are closed outside of the namespace of the build. No answer is given from
    /// below it.
    [[nodiscard]] const std::optional<std::string>& closed_layer() const { return closed_; }

private:
    std::vector<Layer> layers_;
    std::optional<std::string> closed_;
};

} // namespace kiln::inspect
