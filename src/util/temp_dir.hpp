#pragma once

#include <filesystem>
#include <string>

namespace kiln::util {

/// A folder of a unique name that is removed with all that is in it.
class TempDir {
public:
    /// Makes parent/prefixXXXXXX; throws Error.
    TempDir(const std::filesystem::path& parent, const std::string& prefix);
    TempDir(TempDir&& other) noexcept;
    TempDir& operator=(TempDir&&) = delete;
    TempDir(const TempDir&) = delete;
    TempDir& operator=(const TempDir&) = delete;
    ~TempDir();

    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

    /// Gives the folder up: it stays.
    std::filesystem::path release() noexcept;

private:
    std::filesystem::path path_;
};

} // namespace kiln::util
