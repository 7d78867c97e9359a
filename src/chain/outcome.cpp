#include "chain/outcome.hpp"

#include <algorithm>

namespace kiln::chain {

std::string standing_word(Standing standing) {
    switch (standing) {
    case Standing::done:
        return "done";
    case Standing::unchanged:
        return "unchanged";
    case Standing::failed:
        return "failed";
    case Standing::interrupted:
        break;
    }
    return "interrupted";
}

util::ExitCode exit_code_of(const RunOutcome& outcome) {
    const auto is_good = [](const ImageOutcome& image) {
        return image.standing == Standing::done || image.standing == Standing::unchanged;
    };
    const auto& images = outcome.images;
    if (std::all_of(images.begin(), images.end(), is_good)) {
        return outcome.error ? outcome.error->code : util::ExitCode::ok;
    }
    if (std::any_of(images.begin(), images.end(), is_good)) {
        return util::ExitCode::partial;
    }
    const auto failed = std::find_if(
        images.begin(), images.end(), [](const auto& image) { return image.error.has_value(); });
    return failed == images.end() ? util::ExitCode::failed : failed->error->code;
}

int exit_status_of(const RunOutcome& outcome) {
    constexpr int k_signalled = 128;
    return outcome.signal ? k_signalled + *outcome.signal : static_cast<int>(exit_code_of(outcome));
}

} // namespace kiln::chain
