#pragma once

#include <filesystem>
#include <string>

namespace kiln::chain {

/// Where everything of one image is; each path named once.
struct ImagePlaces {
    std::filesystem::path folder;

    ImagePlaces(const std::filesystem::path& output, const std::string& image)
        : folder(output / image), name_(image), output_(output) {}

    /// Path of the image without its extension.
    [[nodiscard]] std::filesystem::path stem() const { return folder / name_; }

    [[nodiscard]] std::filesystem::path result() const { return folder / "result.json"; }

    [[nodiscard]] std::filesystem::path tests() const { return folder / "tests.json"; }

    [[nodiscard]] std::filesystem::path logs() const { return folder / "logs"; }

    [[nodiscard]] std::filesystem::path lock() const { return folder / ".lock"; }

    /// What 'from' fetches for this image alone.
    [[nodiscard]] std::filesystem::path base() const { return folder / "base"; }

    /// Images of clouds that others start from.
    [[nodiscard]] std::filesystem::path bases() const { return output_ / "bases"; }

private:
    std::string name_;
    std::filesystem::path output_;
};

} // namespace kiln::chain
