#include "chain/outcome.hpp"
#include "report/error_file.hpp"

#include <nlohmann/json.hpp>

#include <utility>

namespace kiln::chain {
namespace {

using nlohmann::ordered_json;

constexpr auto k_replace = ordered_json::error_handler_t::replace;
constexpr double k_milliseconds = 1000.0;

double seconds_of(std::chrono::milliseconds time) {
    return static_cast<double>(time.count()) / k_milliseconds;
}

std::chrono::milliseconds time_of(const ordered_json& object, const char* key) {
    return std::chrono::milliseconds(
        static_cast<std::int64_t>(object.value(key, 0.0) * k_milliseconds + 0.5));
}

ordered_json json_of(const util::ErrorInfo& error) {
    return ordered_json::parse(report::to_json(error));
}

util::ErrorInfo error_of(const ordered_json& object) {
    return report::error_from_json(object.dump()).value_or(util::ErrorInfo{.what = "unknown"});
}

ordered_json json_of(const ImageFile& file) {
    return {
        {"path", file.path}, {"format", file.format}, {"size", file.size}, {"sha256", file.sha256}};
}

ordered_json json_of(const TestOutcome& test) {
    return {{"name", test.name},
            {"file", test.file},
            {"passed", test.passed},
            {"remembered", test.remembered},
            {"seconds", seconds_of(test.elapsed)},
            {"text", test.text}};
}

ordered_json json_of(const PublishedImage& image) {
    return {{"store", image.store},
            {"file", image.file},
            {"where", image.where},
            {"id", image.id},
            {"name", image.name},
            {"uploaded", image.uploaded},
            {"steps", image.steps},
            {"standing", image.standing},
            {"properties", image.properties}};
}

ordered_json json_of(const StageTime& stage) {
    return {{"stage", stage.stage}, {"seconds", seconds_of(stage.elapsed)}};
}

ordered_json json_of(const FailedStore& store) {
    return {{"store", store.store}, {"error", json_of(store.error)}};
}

ordered_json json_of(const ImageOutcome& outcome);

template <typename Item>
ordered_json list_of(const std::vector<Item>& items) {
    ordered_json list = ordered_json::array();
    for (const Item& item : items) {
        list.push_back(json_of(item));
    }
    return list;
}

ordered_json json_of(const ImageOutcome& outcome) {
    ordered_json object = {{"name", outcome.name},
                           {"result", standing_word(outcome.standing)},
                           {"started", outcome.started},
                           {"seconds", seconds_of(outcome.elapsed)},
                           {"built", outcome.built},
                           {"build_changed", outcome.build_changed},
                           {"files", list_of(outcome.files)},
                           {"tests", list_of(outcome.tests)},
                           {"published", list_of(outcome.published)},
                           {"failed_stores", list_of(outcome.failed_stores)},
                           {"outputs", outcome.outputs},
                           {"notes", outcome.notes},
                           {"stages", list_of(outcome.stages)},
                           {"log", outcome.log}};
    if (outcome.error) {
        object["failed_stage"] = outcome.failed_stage;
        object["error"] = json_of(*outcome.error);
    }
    return object;
}

Standing standing_of(const std::string& word) {
    for (const Standing standing : {Standing::done, Standing::unchanged, Standing::interrupted}) {
        if (standing_word(standing) == word) {
            return standing;
        }
    }
    return Standing::failed;
}

void read_lists(const ordered_json& object, ImageOutcome& outcome) {
    for (const ordered_json& file : object.at("files")) {
        outcome.files.push_back({file.value("path", ""),
                                 file.value("format", ""),
                                 file.value("size", std::uint64_t{0}),
                                 file.value("sha256", "")});
    }
    for (const ordered_json& test : object.at("tests")) {
        outcome.tests.push_back({test.value("name", ""),
                                 test.value("file", ""),
                                 test.value("passed", false),
                                 test.value("remembered", false),
                                 time_of(test, "seconds"),
                                 test.value("text", "")});
    }
    for (const ordered_json& image : object.at("published")) {
        outcome.published.push_back({image.value("store", ""),
                                     image.value("file", ""),
                                     image.value("where", ""),
                                     image.value("id", ""),
                                     image.value("name", ""),
                                     image.value("uploaded", false),
                                     image.value("steps", std::vector<std::string>{}),
                                     image.value("standing", ""),
                                     image.at("properties")});
    }
    for (const ordered_json& store : object.at("failed_stores")) {
        outcome.failed_stores.push_back({store.value("store", ""), error_of(store.at("error"))});
    }
    for (const ordered_json& stage : object.at("stages")) {
        outcome.stages.push_back({stage.value("stage", ""), time_of(stage, "seconds")});
    }
}

ImageOutcome outcome_of(const ordered_json& object) {
    ImageOutcome outcome = {.name = object.value("name", ""),
                            .standing = standing_of(object.value("result", "")),
                            .started = object.value("started", ""),
                            .elapsed = time_of(object, "seconds"),
                            .built = object.value("built", std::int64_t{0}),
                            .build_changed = object.value("build_changed", false)};
    read_lists(object, outcome);
    outcome.outputs = object.at("outputs");
    outcome.notes = object.at("notes");
    outcome.log = object.value("log", "");
    if (object.contains("error")) {
        outcome.failed_stage = object.value("failed_stage", "");
        outcome.error = error_of(object.at("error"));
    }
    return outcome;
}

} // namespace

std::string to_json(const ImageOutcome& outcome) {
    return json_of(outcome).dump(-1, ' ', false, k_replace);
}

ImageOutcome outcome_from_json(const std::string& text) {
    try {
        return outcome_of(ordered_json::parse(text));
    } catch (const nlohmann::json::exception&) {
        throw util::Error({.what = "no outcome of an image: '" + text.substr(0, 80) + "'"});
    }
}

std::string to_json(const RunOutcome& outcome) {
    const ordered_json object = {{"version", 1},
                                 {"file", outcome.file},
                                 {"started", outcome.started},
                                 {"seconds", seconds_of(outcome.elapsed)},
                                 {"exit_code", exit_status_of(outcome)},
                                 {"images", list_of(outcome.images)}};
    return object.dump(2, ' ', false, k_replace) + "\n";
}

} // namespace kiln::chain
