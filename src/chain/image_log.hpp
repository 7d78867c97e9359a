#pragma once

#include "report/reporter.hpp"
#include "util/fd.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace kiln::chain {

/// The log of an image in a run: `TIME.log` with time stamps, and the link `latest.log`. The newest
/// twenty stay.
class ImageLog {
public:
    /// Makes the folder. Throws util::Error when it cannot be written.
    explicit ImageLog(const std::filesystem::path& folder);

    [[nodiscard]] const std::string& path() const noexcept { return path_; }

    void line(std::string_view text);
    void event(const report::Event& event);

private:
    std::string path_;
    util::Fd fd_;
};

} // namespace kiln::chain
