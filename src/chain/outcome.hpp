#pragma once

#include "util/error.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace kiln::chain {

enum class Standing { done, unchanged, failed, interrupted };

/// "done", "unchanged", ...
std::string standing_word(Standing standing);

/// A file of an image.
struct ImageFile {
    std::string path{};
    std::string format{};
    std::uint64_t size = 0;
    std::string sha256{};
};

struct TestOutcome {
    std::string name{};
    std::string file{};
    bool passed = false;
    /// It passed in an earlier run, for the same image.
    bool remembered = false;
    std::chrono::milliseconds elapsed{};
    /// One line: what came of it.
    std::string text{};
};

/// An image in one place of a store (a region of a cloud, a folder).
struct PublishedImage {
    /// As the file calls it.
    std::string store{};
    /// Path of what it was sent from, one of the image's files.
    std::string file{};
    /// "cloud 'prod', region 'RegionOne'".
    std::string where{};
    std::string id{};
    std::string name{};
    bool uploaded = false;
    /// What was done there; empty when everything was as it should be.
    std::vector<std::string> steps{};
    /// "current", "candidate", ...
    std::string standing{};
    std::map<std::string, std::string> properties{};
};

/// A store that was not brought up to date.
struct FailedStore {
    std::string store{};
    util::ErrorInfo error{};
};

struct StageTime {
    std::string stage{};
    std::chrono::milliseconds elapsed{};
};

/// What became of one image.
struct ImageOutcome {
    std::string name{};
    Standing standing = Standing::failed;
    /// ISO 8601, UTC.
    std::string started{};
    std::chrono::milliseconds elapsed{};
    /// Of the build, seconds since 1970; 0 where there was none.
    std::int64_t built = 0;
    bool build_changed = false;
    std::vector<ImageFile> files{};
    std::vector<TestOutcome> tests{};
    std::vector<PublishedImage> published{};
    std::vector<FailedStore> failed_stores{};
    std::vector<std::string> outputs{};
    std::vector<std::string> notes{};
    std::vector<StageTime> stages{};
    /// Where it failed: the stage, and why.
    std::string failed_stage{};
    std::optional<util::ErrorInfo> error{};
    std::string log{};
};

/// What became of a run.
struct RunOutcome {
    std::string file{};
    std::string started{};
    std::chrono::milliseconds elapsed{};
    std::vector<ImageOutcome> images{};
    /// The signal that ended it.
    std::optional<int> signal{};
    /// Why result.json or junit.xml was not written.
    std::optional<util::ErrorInfo> error{};
};

/// One line of JSON, and the reverse (throws util::Error for what is none).
std::string to_json(const ImageOutcome& outcome);
ImageOutcome outcome_from_json(const std::string& text);

/// result.json, indented.
std::string to_json(const RunOutcome& outcome);

/// JUnit XML: a suite an image, a case a build, test and store.
std::string to_junit(const RunOutcome& outcome);

/// 0; the code of the first error when all images failed; partial (7) when some did.
util::ExitCode exit_code_of(const RunOutcome& outcome);

/// That, or 128 and the number of the signal that ended the run.
int exit_status_of(const RunOutcome& outcome);

} // namespace kiln::chain
