#include "process/line_buffer.hpp"

namespace kiln::process {
namespace {

/// More than a person reads; output without line ends must not fill the memory.
constexpr std::size_t k_longest_line = 65536;

} // namespace

void LineBuffer::add(std::string_view chunk) {
    if (whole_ != nullptr) {
        whole_->append(chunk);
        return;
    }
    rest_.append(chunk);
    std::size_t start = 0;
    std::size_t end = rest_.find('\n');
    while (end != std::string::npos) {
        on_line_(std::string_view(rest_).substr(start, end - start));
        start = end + 1;
        end = rest_.find('\n', start);
    }
    rest_.erase(0, start);
    if (rest_.size() > k_longest_line) {
        finish();
    }
}

void LineBuffer::finish() {
    if (!rest_.empty() && on_line_) {
        on_line_(rest_);
    }
    rest_.clear();
}

} // namespace kiln::process
