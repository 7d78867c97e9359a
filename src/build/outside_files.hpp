#pragma once

#include "build/context.hpp"
#include "report/reporter.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace kiln::build {

/// A regular file that a host hook left in Paths::k_output, and its place beside the image.
struct OutsideFile {
    std::filesystem::path source;
    std::filesystem::path target;
};

/// The files in a folder whose names, or those of the folders that they lie in, begin with the
/// image's name and a dot, in byte order. Warns of all else. Throws Error (code hook) for a name
/// that is one of the image's own outputs.
std::vector<OutsideFile> find_outside_files(const std::filesystem::path& folder,
                                            const BuildOptions& options,
                                            report::Reporter& reporter);

/// Files for the folder of the image: copied first, under temporary names of the journal, and put
/// in their places when the images are there.
class OutsideFiles {
public:
    OutsideFiles(const BuildContext& context, report::Reporter& reporter);

    /// The places of all.
    [[nodiscard]] std::vector<std::filesystem::path> targets() const;

    /// Puts each in its place, replacing an older file; other files of a folder stay. Gives the
    /// names beside the image, a folder once.
    [[nodiscard]] std::vector<std::filesystem::path> publish() const;

private:
    struct Staged {
        std::string temporary;
        std::filesystem::path target;
    };

    std::filesystem::path folder_;
    std::vector<Staged> files_;
};

} // namespace kiln::build
