#include "chain/image_chain.hpp"

#include "catalog/build_record.hpp"
#include "chain/base_stage.hpp"
#include "chain/image_test.hpp"
#include "chain/kiln_commands.hpp"
#include "chain/output_stage.hpp"
#include "chain/passed_tests.hpp"
#include "chain/publish_stage.hpp"
#include "disk/formats.hpp"
#include "store/file_digest.hpp"
#include "util/atomic_file.hpp"
#include "util/entry_lock.hpp"
#include "util/signal.hpp"
#include "util/text.hpp"
#include "util/utc_time.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <ctime>
#include <set>

namespace kiln::chain {
namespace {

namespace fs = std::filesystem;
using std::chrono::steady_clock;

/// A build with its sandbox and compressors, without what the page cache holds.
constexpr unsigned k_build_mib = 512;

std::string now() {
    return util::iso_time(std::time(nullptr));
}

/// Seconds since 1970; 0 where there is no file.
std::int64_t modified_at(const std::string& path) {
    struct stat info = {};
    return ::stat(path.c_str(), &info) == 0 ? info.st_mtim.tv_sec : 0;
}

/// What writing to a file, or removing it, changes; touch(1) cannot set it back.
struct FileStamp {
    ino_t inode = 0;
    off_t size = 0;
    std::int64_t seconds = 0;
    std::int64_t nanoseconds = 0;

    bool operator==(const FileStamp&) const = default;
};

/// As made by default where there is no file.
FileStamp stamp_of(const std::string& path) {
    struct stat info = {};
    if (::stat(path.c_str(), &info) != 0) {
        return {};
    }
    return {info.st_ino, info.st_size, info.st_ctim.tv_sec, info.st_ctim.tv_nsec};
}

std::chrono::milliseconds since(steady_clock::time_point start) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now() - start);
}

report::Event event_of(report::EventKind kind, const std::string& text) {
    return {.kind = kind, .text = text};
}

class Chain {
public:
    Chain(const ImageDefinition& image,
          const RunDefinition& run,
          const ChainOptions& options,
          const ChainTools& tools)
        : image_(image),
          run_(run),
          options_(options),
          tools_(tools),
          places_(run.output, image.name) {
        outcome_.name = image.name;
        outcome_.started = now();
    }

    ImageOutcome work() {
        try {
            go_through();
        } catch (const util::Interrupted&) {
            outcome_.standing = Standing::interrupted;
        } catch (const std::exception& error) {
            outcome_.failed_stage = stage_;
            outcome_.error = util::info_of(error);
            outcome_.error->where.insert(outcome_.error->where.begin(), stage_);
            outcome_.standing = Standing::failed;
        }
        outcome_.elapsed = since(start_);
        // Whoever only waited leaves the result of the other run alone.
        if (!outcome_.log.empty() || outcome_.standing == Standing::failed) {
            keep_result();
        }
        return std::move(outcome_);
    }

private:
    void go_through() {
        fs::create_directories(places_.folder);
        const util::EntryLock lock = util::EntryLock::take(
            places_.lock().string(), util::EntryLock::Mode::exclusive, tools_.check_signals);
        ImageLog log(places_.logs());
        outcome_.log = log.path();
        const process::Redactor redactor(
            process::secrets_of(secret_environment(image_, tools_.caller)));
        StepRunner steps(tools_.runner, log, redactor, tools_.events, tools_.is_ended);
        steps_ = &steps;
        if (image_.base) {
            stage("base", [&] { take_base(); });
        }
        if (image_.is_built()) {
            stage("build", [&] { build(); });
        }
        find_files();
        if (options_.until >= Until::test) {
            stage("test", [&] { test(); });
        }
        if (options_.until >= Until::publish) {
            stage("publish", [&] { publish(); });
            stage("outputs", [&] { write_outputs(); });
        }
        conclude();
    }

    template <typename Work>
    void stage(const std::string& name, Work work) {
        tools_.check_signals();
        stage_ = name;
        const auto start = steady_clock::now();
        try {
            work();
            tools_.check_signals();
        } catch (const std::exception&) {
            // What a program said when it was ended is no failure of the image.
            tools_.check_signals();
            outcome_.stages.push_back({name, since(start)});
            throw;
        }
        outcome_.stages.push_back({name, since(start)});
    }

    void take_base() {
        base_ = base_file(image_, places_, tools_.caller, *steps_);
        if (!image_.bundle.empty()) {
            image_.elements.insert(image_.elements.begin(),
                                   distribution_element(base_, places_, tools_.runner));
        }
    }

    void build() {
        const auto digests = digests_now();
        steps_->check(stage_, build_command(image_, places_, tools_.caller, base_));
        outcome_.build_changed = digests_now() != digests;
    }

    [[nodiscard]] std::string file_of(const std::string& format) const {
        if (!image_.is_built()) {
            return base_;
        }
        const disk::FormatInfo& info = disk::format_info(disk::parse_formats(format).front());
        return places_.stem().string() + "." + std::string(info.extension);
    }

    [[nodiscard]] std::vector<std::string> digests_now() const {
        std::vector<std::string> digests;
        for (const std::string& format : formats_of(image_)) {
            const auto record = catalog::read_build_record(file_of(format));
            digests.push_back(record ? record->sha256 : "");
        }
        return digests;
    }

    void find_files() {
        for (const std::string& format : formats_of(image_)) {
            const std::string path = file_of(format);
            const auto record = catalog::read_build_record(path);
            outcome_.files.push_back(
                {path,
                 image_.is_built() ? format : format_of(path),
                 static_cast<std::uint64_t>(fs::file_size(path)),
                 record ? record->sha256 : store::file_digest(path, "sha256")});
            outcome_.built = record ? record->built : modified_at(path);
        }
    }

    /// Those that are published, else the first that holds a disk.
    [[nodiscard]] std::vector<ImageFile> tested_files() const {
        std::set<std::string> wanted;
        for (const Publication& publication : publications_of(image_, run_)) {
            wanted.insert(publication.format);
        }
        std::vector<ImageFile> files;
        for (const ImageFile& file : outcome_.files) {
            if (wanted.count(file.format) > 0) {
                files.push_back(file);
            }
        }
        return files.empty() ? std::vector<ImageFile>{outcome_.files.front()} : files;
    }

    void test() {
        PassedTests passed(places_.tests());
        const std::vector<TestDefinition> definitions = tests_of(image_);
        if (definitions.empty()) {
            outcome_.notes.emplace_back("it has no tests: nobody knows whether it boots");
        }
        for (const ImageFile& file : tested_files()) {
            for (const TestDefinition& definition : definitions) {
                run_test(*make_test(definition, tools_.caller, options_.folder), file, passed);
            }
        }
        const auto failed = std::find_if(outcome_.tests.begin(),
                                         outcome_.tests.end(),
                                         [](const TestOutcome& test) { return !test.passed; });
        if (failed != outcome_.tests.end()) {
            throw util::Error({.what = "test '" + failed->name + "' failed: " + failed->text,
                               .hint = "the image is not published; its log tells the rest",
                               .code = util::ExitCode::test,
                               .log = outcome_.log,
                               .excerpt = excerpt_});
        }
    }

    void run_test(const ImageTest& test, const ImageFile& file, PassedTests& passed) {
        const TestedImage tested = {image_.name, file.path, file.format, file.sha256};
        const std::string key = PassedTests::key_of(test, tested);
        TestOutcome outcome = {.name = test.name(), .file = file.path};
        const std::string earlier = options_.retest ? "" : passed.passed_at(key);
        if (!earlier.empty()) {
            outcome.passed = outcome.remembered = true;
            outcome.text = "passed at " + earlier;
            outcome_.tests.push_back(outcome);
            return;
        }
        const auto start = steady_clock::now();
        steps_->tell(stage_, event_of(report::EventKind::begin, test.name()));
        const FileStamp before = stamp_of(file.path);
        judge(test, tested, outcome);
        outcome.elapsed = since(start);
        outcome_.tests.push_back(outcome);
        require_untouched(file, before);
        if (outcome.passed) {
            passed.add(key, test.name(), now());
        }
    }

    void judge(const ImageTest& test, const TestedImage& tested, TestOutcome& outcome) {
        try {
            const process::Command command = test.command(tested);
            const StepEnd end = steps_->run(stage_, command);
            outcome.passed = end.result.exit_code == 0 && !end.result.timed_out;
            outcome.text = outcome.passed ? "passed" : failure_text(test, end, command);
            if (!outcome.passed) {
                excerpt_ = end.last_lines;
            }
        } catch (const util::Error& error) {
            outcome.text = error.what();
        }
        if (!outcome.passed) {
            tools_.check_signals();
        }
    }

    static std::string
    failure_text(const ImageTest& test, const StepEnd& end, const process::Command& command) {
        const auto last =
            std::find_if(end.last_lines.rbegin(),
                         end.last_lines.rend(),
                         [](const std::string& line) { return !util::trim(line).empty(); });
        if (end.result.timed_out || last == end.last_lines.rend() || !test.is_verdict(end.result)) {
            const util::ErrorInfo error = error_of(end, command);
            return error.what + (error.hint.empty() ? "" : " (" + error.hint + ")");
        }
        return std::string(util::trim(*last));
    }

    /// A test that writes to the image would make another one of what is published.
    void require_untouched(const ImageFile& file, const FileStamp& before) const {
        const FileStamp after = stamp_of(file.path);
        if (after == before) {
            return;
        }
        const bool is_gone = after == FileStamp{};
        if (is_gone || store::file_digest(file.path, "sha256") != file.sha256) {
            if (image_.is_built()) {
                // Without its record it is not taken for current.
                std::error_code ignored;
                fs::remove(catalog::record_path(file.path), ignored);
            }
            throw util::Error({.what = std::string("the test ") +
                                       (is_gone ? "removed" : "changed") + " the image '" +
                                       file.path + "'",
                               .hint = "let it work on a copy; the next run makes the image anew",
                               .code = util::ExitCode::test,
                               .log = outcome_.log});
        }
    }

    void publish() {
        for (const Publication& publication : publications_of(image_, run_)) {
            try {
                publish_to(image_, publication, outcome_, tools_.caller, *steps_);
            } catch (const util::Error& error) {
                outcome_.failed_stores.push_back({publication.store->name, error.info()});
            }
        }
        if (!outcome_.failed_stores.empty()) {
            const FailedStore& first = outcome_.failed_stores.front();
            util::ErrorInfo error = first.error;
            error.where.insert(error.where.begin(), "store '" + first.store + "'");
            error.log = outcome_.log;
            throw util::Error(error);
        }
    }

    void write_outputs() {
        for (const OutputDefinition& output :
             image_.outputs.value_or(std::vector<OutputDefinition>{})) {
            outcome_.outputs.push_back(write_output(output, image_, outcome_, places_));
        }
    }

    void conclude() {
        const auto touched = [](const PublishedImage& image) {
            return image.uploaded || !image.steps.empty();
        };
        const auto is_new = [](const TestOutcome& test) { return !test.remembered; };
        const bool changed =
            outcome_.build_changed ||
            std::any_of(outcome_.published.begin(), outcome_.published.end(), touched) ||
            std::any_of(outcome_.tests.begin(), outcome_.tests.end(), is_new);
        outcome_.standing = changed ? Standing::done : Standing::unchanged;
    }

    void keep_result() noexcept {
        try {
            RunOutcome whole = {.file = run_.path,
                                .started = outcome_.started,
                                .elapsed = outcome_.elapsed,
                                .images = {outcome_}};
            util::write_file_atomically(places_.result().string(), to_json(whole));
        } catch (const std::exception& error) {
            outcome_.notes.push_back(std::string("result.json was not written: ") + error.what());
        }
    }

    ImageDefinition image_;
    const RunDefinition& run_;
    const ChainOptions& options_;
    const ChainTools& tools_;
    ImagePlaces places_;
    ImageOutcome outcome_{};
    StepRunner* steps_ = nullptr;
    std::string stage_ = "prepare";
    /// The file that the image starts from, or is.
    std::string base_;
    std::vector<std::string> excerpt_;
    steady_clock::time_point start_ = steady_clock::now();
};

} // namespace

ImageOutcome run_image(const ImageDefinition& image,
                       const RunDefinition& run,
                       const ChainOptions& options,
                       const ChainTools& tools) {
    return Chain(image, run, options, tools).work();
}

unsigned memory_of(const ImageDefinition& image, const Caller& caller) {
    unsigned most = k_build_mib;
    for (const TestDefinition& definition : tests_of(image)) {
        most = std::max(most, make_test(definition, caller, {})->memory_mib());
    }
    return most;
}

} // namespace kiln::chain
