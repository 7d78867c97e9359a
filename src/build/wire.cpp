#include "build/wire.hpp"

#include "report/error_file.hpp"

#include <nlohmann/json.hpp>

namespace kiln::build {
namespace {

using nlohmann::json;

std::string dump(const json& object) {
    return object.dump(-1, ' ', false, json::error_handler_t::replace);
}

BuildResult result_from(const json& object) {
    BuildResult result;
    for (const json& file : object.at("files")) {
        result.files.emplace_back(file.get<std::string>());
    }
    for (const json& line : object.at("explanation")) {
        result.explanation.push_back(line.get<std::string>());
    }
    result.disk_size = object.at("disk_size").get<std::uint64_t>();
    return result;
}

} // namespace

std::string to_wire(const BuildResult& result) {
    json files = json::array();
    for (const auto& file : result.files) {
        files.push_back(file.string());
    }
    return dump({{"result",
                  {{"files", files},
                   {"disk_size", result.disk_size},
                   {"explanation", result.explanation}}}});
}

std::string to_wire(const util::ErrorInfo& error) {
    return R"({"error":)" + report::to_json(error) + "}";
}

void receive(const std::string& line, report::Reporter& reporter, WireEnd& end) {
    const json object = json::parse(line, nullptr, false);
    if (object.is_object() && object.contains("result")) {
        end.result = result_from(object["result"]);
    } else if (object.is_object() && object.contains("error")) {
        end.error = report::error_from_json(object["error"].dump());
    } else {
        const report::Event event = report::event_from_json(line);
        end.paused = event.kind == report::EventKind::pause ||
                     (end.paused && event.kind != report::EventKind::resume);
        reporter.handle(event);
    }
}

} // namespace kiln::build
