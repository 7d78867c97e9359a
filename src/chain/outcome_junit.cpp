#include "chain/outcome.hpp"
#include "util/text.hpp"

#include <algorithm>

namespace kiln::chain {
namespace {

/// XML 1.0 has no place for most control characters.
std::string escaped(const std::string& text) {
    std::string result;
    for (const char c : text) {
        switch (c) {
        case '&':
            result += "&amp;";
            break;
        case '<':
            result += "&lt;";
            break;
        case '>':
            result += "&gt;";
            break;
        case '"':
            result += "&quot;";
            break;
        default:
            result += static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t' ? '?' : c;
        }
    }
    // Nor for these two (U+FFFE and U+FFFF).
    for (const char* none : {"\xef\xbf\xbe", "\xef\xbf\xbf"}) {
        result = util::replace_all(std::move(result), none, "?");
    }
    return result;
}

std::string seconds(std::chrono::milliseconds time) {
    std::string text = std::to_string(time.count() / 1000) + ".";
    const std::string rest = std::to_string(time.count() % 1000);
    return text + std::string(3 - rest.size(), '0') + rest;
}

std::string told(const util::ErrorInfo& error) {
    std::string text = error.what + "\n";
    text += error.where.empty() ? "" : "in: " + util::join(error.where, " > ") + "\n";
    text += error.log.empty() ? "" : "log: " + error.log + "\n";
    text += error.hint.empty() ? "" : "hint: " + error.hint + "\n";
    return text + util::join(error.excerpt, "\n");
}

class Suite {
public:
    explicit Suite(const ImageOutcome& image) : image_(image) {}

    std::string text() {
        for (const StageTime& stage : image_.stages) {
            add_stage(stage);
        }
        add_failure_between_stages();
        for (const TestOutcome& test : image_.tests) {
            add("test " + test.name,
                test.elapsed,
                test.passed ? "" : failure(test.text, test.text));
        }
        for (const PublishedImage& published : image_.published) {
            add("publish to " + published.where, {}, "");
        }
        if (image_.standing == Standing::interrupted) {
            ++errors_;
            add("run", {}, "      <error message=\"interrupted\"/>\n");
        }
        for (const FailedStore& store : image_.failed_stores) {
            add("publish to " + store.store, {}, failure(store.error.what, told(store.error)));
        }
        const std::string name = escaped(image_.name);
        return "  <testsuite name=\"" + name + "\" tests=\"" + std::to_string(cases_) +
               "\" failures=\"" + std::to_string(failures_) + "\" errors=\"" +
               std::to_string(errors_) + "\" skipped=\"0\" time=\"" + seconds(image_.elapsed) +
               "\"" +
               (image_.started.empty() ? "" : " timestamp=\"" + escaped(image_.started) + "\"") +
               ">\n" + text_ + "  </testsuite>\n";
    }

private:
    /// Tests and stores have cases of their own.
    void add_stage(const StageTime& stage) {
        const bool failed = image_.error && image_.failed_stage == stage.stage;
        const bool is_told = (stage.stage == "test" && has_failed_test()) ||
                             (stage.stage == "publish" && !image_.failed_stores.empty());
        if (failed && !is_told) {
            add(stage.stage, stage.elapsed, failure(image_.error->what, told(*image_.error)));
        } else if (stage.stage != "test" && stage.stage != "publish") {
            add(stage.stage, stage.elapsed, "");
        }
    }

    [[nodiscard]] bool has_failed_test() const {
        return std::any_of(image_.tests.begin(), image_.tests.end(), [](const TestOutcome& test) {
            return !test.passed;
        });
    }

    /// Such as the folder of the image that cannot be made.
    void add_failure_between_stages() {
        const auto is_it = [&](const StageTime& stage) {
            return stage.stage == image_.failed_stage;
        };
        if (image_.error && std::none_of(image_.stages.begin(), image_.stages.end(), is_it)) {
            add(image_.failed_stage, {}, failure(image_.error->what, told(*image_.error)));
        }
    }

    std::string failure(const std::string& message, const std::string& text) {
        ++failures_;
        return "      <failure message=\"" + escaped(message) + "\">" + escaped(text) +
               "</failure>\n";
    }

    void add(const std::string& name, std::chrono::milliseconds time, const std::string& inner) {
        ++cases_;
        text_ += "    <testcase classname=\"" + escaped(image_.name) + "\" name=\"" +
                 escaped(name) + "\" time=\"" + seconds(time) + "\"" +
                 (inner.empty() ? "/>\n" : ">\n" + inner + "    </testcase>\n");
    }

    const ImageOutcome& image_;
    std::string text_;
    int cases_ = 0;
    int failures_ = 0;
    int errors_ = 0;
};

} // namespace

std::string to_junit(const RunOutcome& outcome) {
    std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
    for (const ImageOutcome& image : outcome.images) {
        text += Suite(image).text();
    }
    return text + "</testsuites>\n";
}

} // namespace kiln::chain
