#include "cache_watch.hpp"

#include "image_tree.hpp"
#include "util/text.hpp"

#include <nlohmann/json.hpp>

namespace kiln::tests {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds k_longest_build{90};
constexpr std::size_t k_answer_width = 6;

bool begins_with(const std::string& text, const std::string& beginning) {
    return text.compare(0, beginning.size(), beginning) == 0;
}

} // namespace

std::vector<LayerAnswer> answers_in(const std::string& text) {
    std::vector<LayerAnswer> answers;
    for (const std::string& line : util::split(text, '\n')) {
        const bool hit = begins_with(line, "hit   ");
        if (!hit && !begins_with(line, "miss  ")) {
            continue;
        }
        const std::string rest = line.substr(k_answer_width);
        const std::size_t colon = rest.find(": ");
        const std::string head = rest.substr(0, colon);
        answers.push_back({.title = head.substr(0, head.find(' ')),
                           .hit = hit,
                           .reason = colon == std::string::npos ? "" : rest.substr(colon + 2)});
    }
    return answers;
}

std::vector<std::string> missed_in(const std::string& text) {
    std::vector<std::string> titles;
    for (const LayerAnswer& answer : answers_in(text)) {
        if (!answer.hit) {
            titles.push_back(answer.title);
        }
    }
    return titles;
}

Program cached_build(const Workspace& space,
                     const std::vector<std::string>& words,
                     const CachePlace& place) {
    std::vector<std::string> all = {"build", "-n", "-o", "image", "-t", "raw", "--explain"};
    all.insert(all.end(), words.begin(), words.end());
    Program program = space.program(all);
    program.environment["DIB_IMAGE_CACHE"] = space / place.cache;
    program.directory = space / place.output;
    return program;
}

Finished
build_in(const Workspace& space, const std::vector<std::string>& words, const CachePlace& place) {
    return Running(cached_build(space, words, place)).wait(k_longest_build);
}

Finished must_build_in(const Workspace& space,
                       const std::vector<std::string>& words,
                       const CachePlace& place) {
    Finished result = build_in(space, words, place);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return result;
}

std::string
build_cold(Workspace& space, const std::vector<std::string>& words, const std::string& name) {
    const CachePlace place{.cache = name + "-cache", .output = name};
    // The folders belong to the user whom kiln runs as.
    fs::remove(space.write(place.cache + "/made", ""));
    fs::remove(space.write(place.output + "/made", ""));
    fs::remove(space / (name + "/image.raw"));
    must_build_in(space, words, place);
    fs::remove_all(space / place.cache);
    return space / (name + "/image.raw");
}

void expect_same_image(const std::string& image, const std::string& expected) {
    const Answer answer = ask({"cmp", image, expected});
    if (answer.exit_code == 0) {
        return;
    }
    std::string files;
    try {
        files = util::join(differences(read_image(image), read_image(expected)), "\n");
    } catch (const std::exception& error) {
        files = error.what();
    }
    ADD_FAILURE() << answer.text << "<> files:\n" << files;
}

std::multimap<std::string, std::string> stored_layers(const Workspace& space) {
    const Finished result = space.kiln({"cache", "list", "--json"});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    std::multimap<std::string, std::string> layers;
    const nlohmann::json listed = nlohmann::json::parse(result.out);
    for (const nlohmann::json& layer : listed.at("layers")) {
        layers.emplace(layer.at("hook").get<std::string>(), layer.at("name").get<std::string>());
    }
    return layers;
}

fs::path layer_folder(const Workspace& space) {
    const std::vector<std::string> names = space.list("cache/kiln/layers");
    EXPECT_EQ(names.size(), 1U) << "stores of layers";
    return names.empty() ? fs::path() : fs::path(space / "cache/kiln/layers") / names.front();
}

std::vector<std::string> unpublished(const Workspace& space) {
    std::vector<std::string> names;
    for (const fs::directory_entry& entry : fs::directory_iterator(layer_folder(space) / "trees")) {
        if (!fs::exists(entry.path() / "manifest.json")) {
            names.push_back(entry.path().filename());
        }
    }
    return names;
}

void expect_clean_cache(const Workspace& space) {
    const Finished result = space.kiln({"cache", "verify"});
    EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
    EXPECT_NE(result.out.find(", 0 damaged"), std::string::npos) << result.out;
}

} // namespace kiln::tests
