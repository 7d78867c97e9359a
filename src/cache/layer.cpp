#include "cache/layer.hpp"

#include "util/digest.hpp"
#include "util/error.hpp"

#include <nlohmann/json.hpp>

namespace kiln::cache {
namespace {

using nlohmann::json;

constexpr int k_format = 1;

json to_object(const std::vector<BoundFolder>& mounts) {
    json list = json::array();
    for (const BoundFolder& mount : mounts) {
        list.push_back({{"path", mount.path}, {"source", mount.source}});
    }
    return list;
}

std::vector<BoundFolder> mounts_from(const json& list) {
    std::vector<BoundFolder> mounts;
    for (const json& mount : list) {
        mounts.push_back({.path = mount.at("path").get<std::string>(),
                          .source = mount.at("source").get<std::string>()});
    }
    return mounts;
}

Layer layer_from(const json& object) {
    if (object.at("format").get<int>() != k_format) {
        throw util::Error({.what = "this layer is of another version of kiln"});
    }
    return {.name = object.at("name").get<std::string>(),
            .base_key = object.at("base_key").get<std::string>(),
            .title = object.at("title").get<std::string>(),
            .element = object.at("element").get<std::string>(),
            .state = package_state_from_json(object.at("packages").get<std::string>()),
            .empty = object.at("empty").get<bool>(),
            .digest = {.content = object.at("digest").get<std::string>(),
                       .identity = object.at("identity").get<std::string>(),
                       .entries = object.at("entries").get<std::uint64_t>(),
                       .bytes = object.at("bytes").get<std::uint64_t>()},
            .stamp = object.at("stamp").get<std::string>(),
            .boot = object.at("boot").get<std::string>(),
            .began = object.at("began").get<std::int64_t>(),
            .created = object.at("created").get<std::int64_t>(),
            .took = object.at("took").get<std::int64_t>(),
            .mounts = mounts_from(object.at("mounts")),
            .depth = object.at("depth").get<std::int64_t>()};
}

} // namespace

std::string next_chain(const std::string& chain, const Layer& layer) {
    return layer.empty ? chain
                       : util::sha256("kiln chain 1\n" + chain + "\n" + layer.digest.identity);
}

std::string to_json(const Layer& layer) {
    const json object = {{"format", k_format},
                         {"name", layer.name},
                         {"base_key", layer.base_key},
                         {"title", layer.title},
                         {"element", layer.element},
                         {"packages", to_json(layer.state)},
                         {"empty", layer.empty},
                         {"digest", layer.digest.content},
                         {"identity", layer.digest.identity},
                         {"entries", layer.digest.entries},
                         {"bytes", layer.digest.bytes},
                         {"stamp", layer.stamp},
                         {"boot", layer.boot},
                         {"began", layer.began},
                         {"created", layer.created},
                         {"took", layer.took},
                         {"mounts", to_object(layer.mounts)},
                         {"depth", layer.depth}};
    return object.dump(1, ' ', false, json::error_handler_t::replace);
}

Layer layer_from_json(const std::string& text) {
    try {
        return layer_from(json::parse(text));
    } catch (const json::exception&) {
        throw util::Error({.what = "this is no manifest of a layer"});
    }
}

} // namespace kiln::cache
