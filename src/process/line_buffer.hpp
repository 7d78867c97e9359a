#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace kiln::process {

/// Turns chunks of output into lines, or collects them whole. A line of more than 64 KiB comes in
/// parts.
class LineBuffer {
public:
    LineBuffer() = default;

    explicit LineBuffer(std::function<void(std::string_view)> on_line)
        : on_line_(std::move(on_line)) {}

    explicit LineBuffer(std::string* whole) : whole_(whole) {}

    void add(std::string_view chunk);

    /// Hands on a last line that has no line end.
    void finish();

private:
    std::function<void(std::string_view)> on_line_{};
    std::string* whole_ = nullptr;
    std::string rest_;
};

} // namespace kiln::process
