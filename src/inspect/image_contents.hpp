#pragma once

#include "base/unpack.hpp"
#include "inspect/layout.hpp"
#include "inspect/tree_index.hpp"
#include "process/command.hpp"
#include "report/reporter.hpp"

#include <functional>
#include <optional>
#include <string>

namespace kiln::inspect {

/// How images are read.
struct ReadOptions {
    /// An existing folder for raw copies of disks, which the caller removes.
    std::string scratch;
    base::UnpackLimits limits{};
    /// See base::UnpackRequest.
    std::function<base::ApplianceAccelerator()> accelerator{};
    std::string appliance_cache{};
    /// Called often; it may throw to end the work.
    std::function<void()> on_wait{};
};

/// An image that was looked at: a disk, an archive, a squashfs or a folder.
struct SourceImage {
    std::string path;
    /// "qcow2", "tar", "folder".
    std::string format;
    /// A raw image of the disk; empty when it is none.
    std::string raw{};
};

struct ImageContents {
    TreeIndex tree{};
    /// Nothing when it is no disk.
    std::optional<Layout> layout{};
};

enum class Trees { read, skipped };

/// Says what an image is, and makes a raw copy of a disk of another format in the scratch folder;
/// name is for that file. The image is only read, and not trusted: a disk that needs other files is
/// refused. Throws Error.
SourceImage open_source(const std::string& path,
                        const std::string& name,
                        const ReadOptions& options,
                        process::Runner& runner);

/// Reads layout and tree. Throws Error, with the image as its place.
ImageContents read_contents(const SourceImage& image,
                            Trees trees,
                            const ReadOptions& options,
                            process::Runner& runner,
                            report::Reporter& reporter);

} // namespace kiln::inspect
