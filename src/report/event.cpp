#include "report/event.hpp"

#include "util/error.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <utility>

namespace kiln::report {
namespace {

constexpr std::array<std::pair<EventKind, const char*>, 9> k_kinds = {{
    {EventKind::begin, "begin"},
    {EventKind::end, "end"},
    {EventKind::failed, "failed"},
    {EventKind::output, "output"},
    {EventKind::info, "info"},
    {EventKind::warning, "warning"},
    {EventKind::progress, "progress"},
    {EventKind::pause, "pause"},
    {EventKind::resume, "resume"},
}};

void put(nlohmann::ordered_json& object, const char* key, const std::string& value) {
    if (!value.empty()) {
        object[key] = value;
    }
}

EventKind kind_of(const std::string& name) {
    for (const auto& [kind, text] : k_kinds) {
        if (name == text) {
            return kind;
        }
    }
    throw util::Error({.what = "unknown kind of event '" + name + "'"});
}

Event event_from(const nlohmann::json& object) {
    Event event;
    event.kind = kind_of(object.value("event", ""));
    event.stage = object.value("stage", "");
    event.element = object.value("element", "");
    event.hook = object.value("hook", "");
    event.text = object.value("text", "");
    event.done = object.value("done", std::uint64_t{0});
    event.total = object.value("total", std::uint64_t{0});
    event.elapsed = std::chrono::milliseconds(object.value("milliseconds", std::int64_t{0}));
    return event;
}

} // namespace

std::string kind_name(EventKind kind) {
    for (const auto& [candidate, text] : k_kinds) {
        if (candidate == kind) {
            return text;
        }
    }
    return "unknown";
}

std::string to_json(const Event& event) {
    nlohmann::ordered_json object;
    object["event"] = kind_name(event.kind);
    put(object, "stage", event.stage);
    put(object, "element", event.element);
    put(object, "hook", event.hook);
    put(object, "text", event.text);
    if (event.kind == EventKind::progress) {
        object["done"] = event.done;
        object["total"] = event.total;
    }
    if (event.kind == EventKind::end || event.kind == EventKind::failed) {
        object["milliseconds"] = event.elapsed.count();
    }
    return object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

Event event_from_json(const std::string& line) {
    try {
        return event_from(nlohmann::json::parse(line));
    } catch (const nlohmann::json::exception&) {
        throw util::Error({.what = "not an event: '" + line + "'"});
    }
}

} // namespace kiln::report
