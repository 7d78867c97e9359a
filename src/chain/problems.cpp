#include "chain/problems.hpp"

#include "util/natural_order.hpp"

#include <algorithm>

namespace kiln::chain {

DefinitionError::DefinitionError(std::vector<util::ErrorInfo> problems)
    : util::Error({.what = std::to_string(problems.size()) +
                           (problems.size() == 1 ? " mistake" : " mistakes") + " in the file",
                   .hint = "correct them, and see what would be done: kiln run --plan FILE",
                   .code = util::ExitCode::usage}),
      problems_(std::move(problems)) {}

void Problems::add(util::ErrorInfo problem) {
    const auto is_same = [&](const util::ErrorInfo& other) { return other.what == problem.what; };
    if (std::none_of(problems_.begin(), problems_.end(), is_same)) {
        problems_.push_back(std::move(problem));
    }
}

void Problems::throw_if_any() const {
    if (problems_.empty()) {
        return;
    }
    std::vector<util::ErrorInfo> ordered = problems_;
    std::stable_sort(ordered.begin(), ordered.end(), [](const auto& left, const auto& right) {
        return util::natural_compare(left.what, right.what) < 0;
    });
    throw DefinitionError(std::move(ordered));
}

} // namespace kiln::chain
