#include "cache/build_records.hpp"

#include "cache/whole_file.hpp"
#include "util/error.hpp"
#include "util/fd.hpp"

#include <nlohmann/json.hpp>

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

namespace kiln::cache {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::size_t k_most_records = 500;

json to_object(const BuildRecord& record) {
    json outputs = json::array();
    for (const BuildRecord::Output& output : record.outputs) {
        outputs.push_back({{"path", output.path}, {"sha256", output.digest}});
    }
    json states = json::array();
    for (const DatedState& used : record.states) {
        states.push_back({{"state", to_json(used.state)}, {"time", used.time}});
    }
    return {{"key", record.key},
            {"outputs", outputs},
            {"names", record.names},
            {"disk_size", record.disk_size},
            {"packages", states},
            {"kept_by", record.kept_by}};
}

BuildRecord build_record_from(const json& object) {
    BuildRecord record{.key = object.at("key").get<std::string>()};
    for (const json& output : object.at("outputs")) {
        record.outputs.push_back({.path = output.at("path").get<std::string>(),
                                  .digest = output.at("sha256").get<std::string>()});
    }
    for (const json& state : object.at("packages")) {
        record.states.push_back(
            {.state = package_state_from_json(state.at("state").get<std::string>()),
             .time = state.at("time").get<std::int64_t>()});
    }
    record.names = object.at("names").get<std::vector<std::string>>();
    record.disk_size = object.at("disk_size").get<std::uint64_t>();
    record.kept_by = object.at("kept_by").get<std::vector<std::string>>();
    return record;
}

} // namespace

BuildRecords::BuildRecords(std::string folder) : folder_(std::move(folder)) {
    std::error_code error;
    fs::create_directories(folder_, error);
    if (error) {
        throw util::Error({.what = "cannot write the cache '" + folder_ + "': " + error.message(),
                           .hint = "choose another place with --image-cache, or --no-cache"});
    }
}

std::string BuildRecords::path_of(const std::string& key) const {
    return folder_ + "/" + key + ".json";
}

std::optional<BuildRecord> BuildRecords::find(const std::string& key) const {
    try {
        BuildRecord record = build_record_from(json::parse(util::read_file(path_of(key))));
        return record.key == key ? std::optional(std::move(record)) : std::nullopt;
    } catch (const std::exception&) {
        return std::nullopt;
    }
}

void BuildRecords::put(const BuildRecord& record) const {
    write_whole_file(path_of(record.key),
                     to_object(record).dump(1, ' ', false, json::error_handler_t::replace));
    remove_oldest();
}

void BuildRecords::touch(const BuildRecord& record) const {
    ::utimensat(AT_FDCWD, path_of(record.key).c_str(), nullptr, 0);
    for (const std::string& path : record.kept_by) {
        ::utimensat(AT_FDCWD, path.c_str(), nullptr, 0);
    }
}

void BuildRecords::remove_oldest() const {
    std::vector<std::pair<fs::file_time_type, fs::path>> files;
    std::error_code ignored;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder_, ignored)) {
        files.emplace_back(entry.last_write_time(ignored), entry.path());
    }
    std::sort(files.rbegin(), files.rend());
    for (std::size_t i = k_most_records; i < files.size(); ++i) {
        fs::remove(files[i].second, ignored);
    }
}

} // namespace kiln::cache
