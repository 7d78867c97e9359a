#include "report/progress_text.hpp"

#include "util/text.hpp"

namespace kiln::report {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds k_meaningful{1000};

} // namespace

std::string rate_text(std::uint64_t bytes, milliseconds elapsed) {
    if (elapsed.count() <= 0) {
        return "";
    }
    const double rate = static_cast<double>(bytes) * 1000 / static_cast<double>(elapsed.count());
    return util::human_bytes(static_cast<std::uint64_t>(rate)) + "/s";
}

std::string progress_text(std::uint64_t done, std::uint64_t total, milliseconds elapsed) {
    if (done == 0) {
        return "";
    }
    std::string text = util::human_bytes(done);
    if (total > 0) {
        text += " of " + util::human_bytes(total);
    }
    if (elapsed >= k_meaningful) {
        text += ", " + rate_text(done, elapsed);
    }
    if (elapsed >= k_meaningful && total > done) {
        const double left = static_cast<double>(total - done) / static_cast<double>(done) *
                            static_cast<double>(elapsed.count());
        text += ", " + util::human_duration(milliseconds(static_cast<long>(left))) + " left";
    }
    return text;
}

} // namespace kiln::report
