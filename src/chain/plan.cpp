#include "chain/plan.hpp"

#include "catalog/build_record.hpp"
#include "chain/base_stage.hpp"
#include "chain/image_test.hpp"
#include "chain/passed_tests.hpp"
#include "disk/formats.hpp"
#include "report/error_file.hpp"
#include "store/file_digest.hpp"
#include "util/text.hpp"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <optional>

namespace kiln::chain {
namespace {

namespace fs = std::filesystem;

/// What a command that only asks has said.
struct Answer {
    std::string out;
    std::optional<util::ErrorInfo> error;
};

class Planner {
public:
    Planner(const ImageDefinition& image,
            const RunDefinition& run,
            const ChainOptions& options,
            const Caller& caller,
            process::Runner& runner)
        : image_(image),
          run_(run),
          options_(options),
          caller_(caller),
          runner_(runner),
          places_(run.output, image.name),
          plan_{.name = image.name} {}

    PlannedImage work() {
        if (image_.base) {
            plan_base();
        }
        if (image_.is_built()) {
            plan_build();
        }
        if (options_.until >= Until::test) {
            plan_tests();
        }
        if (options_.until >= Until::publish) {
            plan_publications();
            plan_outputs();
        }
        return std::move(plan_);
    }

    [[nodiscard]] util::ExitCode code() const noexcept { return code_; }

private:
    void add(const std::string& stage, const std::string& text, const std::string& command = {}) {
        plan_.steps.push_back({stage, text, command});
    }

    Answer ask(const process::Command& command) {
        Answer answer;
        const process::Result result =
            runner_.run(command, [&](process::Stream stream, std::string_view line) {
                if (stream == process::Stream::out) {
                    answer.out += std::string(line) + "\n";
                } else if (auto error = report::error_of_line(line)) {
                    answer.error = std::move(error);
                }
            });
        if (result.exit_code == 0) {
            answer.error.reset();
        } else if (!answer.error) {
            answer.error = util::ErrorInfo{.what = "exit code " + std::to_string(result.exit_code)};
        }
        if (answer.error && code_ == util::ExitCode::ok) {
            code_ = answer.error->code;
        }
        return answer;
    }

    void plan_base() {
        const BaseDefinition& base = *image_.base;
        switch (base.kind) {
        case BaseDefinition::Kind::file:
            add("base", "start from the file " + base.file);
            base_ = base.file;
            // Which element is that of its distribution is not looked up for a plan.
            is_base_known_ = image_.bundle.empty();
            return;
        case BaseDefinition::Kind::url:
            add("base", "fetch " + base.url + ", unless it is in the cache");
            if (!image_.is_built()) {
                base_ = fetched_file(base, places_);
                is_current_ = fs::is_regular_file(base_);
            }
            return;
        case BaseDefinition::Kind::cloud:
            break;
        }
        add("base",
            "fetch image '" + base.image + "' of cloud '" + base.cloud +
                "', unless it is there already",
            process::to_shell(download_command(base, places_, caller_)));
        is_base_known_ = false;
        is_current_ = false;
    }

    void plan_build() {
        if (!is_base_known_) {
            add("build", "upon that image; whether anything changed shows then");
            is_current_ = false;
            return;
        }
        const std::string command =
            process::to_shell(build_command(image_, places_, caller_, base_));
        const Answer answer = ask(explain_command(image_, places_, caller_, base_));
        remove_if_empty();
        if (answer.error) {
            add("build", "cannot be told: " + answer.error->what, command);
            is_current_ = false;
            return;
        }
        const std::string miss = first_miss(answer.out);
        is_current_ = miss.empty() && are_files_there();
        if (!miss.empty()) {
            add("build", miss, command);
        } else if (is_current_) {
            add("build", "nothing: all layers and the image are current");
        } else {
            add("build", "the image, from layers that are all there", command);
        }
    }

    /// A question makes the folder of its output.
    void remove_if_empty() const {
        std::error_code ignored;
        if (fs::is_empty(places_.folder, ignored) && fs::remove(places_.folder, ignored) &&
            fs::is_empty(run_.output, ignored)) {
            fs::remove(run_.output, ignored);
        }
    }

    [[nodiscard]] std::string file_of(const std::string& format) const {
        if (!image_.is_built()) {
            return base_;
        }
        const disk::FormatInfo& info = disk::format_info(disk::parse_formats(format).front());
        return places_.stem().string() + "." + std::string(info.extension);
    }

    [[nodiscard]] bool are_files_there() const {
        for (const std::string& format : formats_of(image_)) {
            if (!catalog::read_build_record(file_of(format))) {
                return false;
            }
        }
        return true;
    }

    /// Its digest is known while it is current.
    [[nodiscard]] TestedImage tested_image() const {
        const std::string format = formats_of(image_).front();
        TestedImage tested = {.name = image_.name, .file = file_of(format), .format = format};
        if (!is_current_) {
            return tested;
        }
        if (const auto record = catalog::read_build_record(tested.file)) {
            tested.sha256 = record->sha256;
        } else if (!image_.is_built()) {
            tested.sha256 = store::file_digest(tested.file, "sha256");
        }
        if (!image_.is_built()) {
            tested.format = format_of(tested.file);
        }
        return tested;
    }

    void plan_tests() {
        const PassedTests passed(places_.tests());
        for (const TestDefinition& definition : tests_of(image_)) {
            const auto test = make_test(definition, caller_, options_.folder);
            const TestedImage tested = tested_image();
            const std::string earlier =
                tested.sha256.empty() ? "" : passed.passed_at(PassedTests::key_of(*test, tested));
            if (!earlier.empty() && !options_.retest) {
                add("test", test->name() + ": not again; it passed at " + earlier);
            } else {
                add("test",
                    test->name() + (is_current_ ? "" : ", if the image becomes another one"),
                    process::to_shell(test->command(tested)));
            }
        }
    }

    void plan_publications() {
        const std::vector<Publication> publications = publications_of(image_, run_);
        if (publications.empty()) {
            add("publish", "nowhere: no store is named");
        }
        for (const Publication& publication : publications) {
            const std::string file = file_of(publication.format);
            std::error_code ignored;
            if (!is_current_ || !fs::is_regular_file(file, ignored)) {
                add("publish",
                    "to store '" + publication.store->name + "', where the image is another one",
                    file.empty() ? ""
                                 : process::to_shell(publish_command(
                                       image_, *publication.store, file, caller_, Publish::do_it)));
                continue;
            }
            plan_publication(publication, file);
        }
    }

    void plan_publication(const Publication& publication, const std::string& file) {
        const Answer answer =
            ask(publish_command(image_, *publication.store, file, caller_, Publish::plan));
        if (answer.error) {
            add("publish",
                "to store '" + publication.store->name +
                    "': cannot be told: " + answer.error->what);
            return;
        }
        const auto stores = nlohmann::json::parse(answer.out, nullptr, false);
        if (stores.is_discarded() || !stores.is_array()) {
            return;
        }
        for (const auto& store : stores) {
            const auto steps = store.value("steps", std::vector<std::string>{});
            add("publish",
                store.value("store", "") + ": " + store.value("result", "") + " " +
                    store.value("id", "") +
                    (steps.empty() ? ", nothing to do" : "; " + util::join(steps, "; ")));
        }
    }

    void plan_outputs() {
        for (const OutputDefinition& output :
             image_.outputs.value_or(std::vector<OutputDefinition>{})) {
            add("outputs", (places_.folder / output.target).string() + " from " + output.source);
        }
    }

    const ImageDefinition& image_;
    const RunDefinition& run_;
    const ChainOptions& options_;
    const Caller& caller_;
    process::Runner& runner_;
    ImagePlaces places_;
    PlannedImage plan_;
    std::string base_;
    bool is_base_known_ = true;
    bool is_current_ = true;
    util::ExitCode code_ = util::ExitCode::ok;
};

} // namespace

std::string first_miss(const std::string& explanation) {
    for (const std::string& line : util::split(explanation, '\n')) {
        if (line.rfind("miss", 0) == 0) {
            return "made from " + std::string(util::trim(line.substr(4)));
        }
    }
    return "";
}

Plan plan_run(const RunDefinition& run,
              const ChainOptions& options,
              const Caller& caller,
              process::Runner& runner) {
    Plan plan;
    for (const ImageDefinition& image : run.images) {
        Planner planner(image, run, options, caller, runner);
        plan.images.push_back(planner.work());
        if (plan.code == util::ExitCode::ok) {
            plan.code = planner.code();
        }
    }
    return plan;
}

std::string to_text(const Plan& plan) {
    std::string text;
    for (const PlannedImage& image : plan.images) {
        text += image.name + "\n";
        for (const PlannedStep& step : image.steps) {
            text += "  " + step.stage +
                    std::string(step.stage.size() < 9 ? 9 - step.stage.size() : 1, ' ') +
                    step.text + "\n";
        }
    }
    return text;
}

std::string to_json(const Plan& plan) {
    nlohmann::ordered_json images = nlohmann::json::array();
    for (const PlannedImage& image : plan.images) {
        nlohmann::ordered_json steps = nlohmann::json::array();
        for (const PlannedStep& step : image.steps) {
            steps.push_back(
                {{"stage", step.stage}, {"text", step.text}, {"command", step.command}});
        }
        images.push_back({{"name", image.name}, {"steps", steps}});
    }
    const nlohmann::ordered_json document = {{"version", 1}, {"images", images}};
    return document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

} // namespace kiln::chain
