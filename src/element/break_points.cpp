#include "element/break_points.hpp"

#include "element/phase.hpp"
#include "util/edit_distance.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <array>

namespace kiln::element {
namespace {

constexpr std::array<const char*, 2> k_times = {"before-", "after-"};

std::vector<std::string> known_places() {
    std::vector<std::string> places = {"after-error"};
    for (const PhaseInfo& phase : phases()) {
        if (phase.side != Side::guest) {
            for (const char* time : k_times) {
                places.push_back(time + phase.name);
            }
        }
    }
    return places;
}

/// The word without the ".d" of its phase.
std::string canonical(const std::string& word) {
    const std::size_t slash = word.find('/');
    std::string phase = word.substr(0, slash);
    if (phase.ends_with(".d")) {
        phase.erase(phase.size() - 2);
    }
    return slash == std::string::npos ? phase : phase + word.substr(slash);
}

void require_known(const std::string& word, const std::string& canonical_word) {
    const std::vector<std::string> known = known_places();
    const std::size_t slash = canonical_word.find('/');
    const std::string place = canonical_word.substr(0, slash);
    const bool names_hook = slash != std::string::npos;
    for (const std::string& candidate : known) {
        if (candidate == place && !(names_hook && place == "after-error") &&
            slash != canonical_word.size() - 1) {
            return;
        }
    }
    throw util::Error(
        {.what = "unknown break point '" + word + "'",
         .hint = util::did_you_mean(place,
                                    known,
                                    "write before-PHASE, after-PHASE, before-PHASE/HOOK, "
                                    "after-PHASE/HOOK or after-error"),
         .code = util::ExitCode::usage});
}

} // namespace

BreakPoints::BreakPoints(const std::string& text) {
    for (const std::string& word : util::split_words(util::replace_all(text, ",", " "))) {
        const std::string place = canonical(word);
        require_known(word, place);
        words_.insert(place);
    }
}

std::vector<std::string> BreakPoints::at_hooks_of(const std::string& phase) const {
    std::vector<std::string> words;
    for (const std::string& word : words_) {
        const bool named = std::any_of(k_times.begin(), k_times.end(), [&](const char* time) {
            return word.starts_with(time + phase + "/");
        });
        if (named) {
            words.push_back(word);
        }
    }
    return words;
}

} // namespace kiln::element
