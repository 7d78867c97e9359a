#include "chain/value_reader.hpp"

#include "util/edit_distance.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <regex>

namespace kiln::chain {

using config::YamlNode;

void read_map(const YamlNode& node, const std::vector<KeyReader>& keys, ReadContext& context) {
    std::vector<std::string> names;
    for (const KeyReader& key : keys) {
        names.emplace_back(key.name);
    }
    for (const auto& [name, value] : node.entries()) {
        const std::string word = name.text();
        const auto found = std::find_if(
            keys.begin(), keys.end(), [&](const auto& key) { return key.name == word; });
        context.problems.attempt([&, &key = name, &content = value] {
            if (found == keys.end()) {
                const std::string known = "known are: " + util::join(names, ", ");
                key.fail("unknown key '" + word + "'", util::did_you_mean(word, names, known));
            }
            found->read(content);
        });
    }
}

std::string read_text(const YamlNode& node, const ReadContext& context) {
    return context.variables.expand(node);
}

std::string read_word(const YamlNode& node, const ReadContext& context) {
    std::string word = read_text(node, context);
    if (word.empty()) {
        node.fail("an empty text is of no use here", "write a value, or leave the key out");
    }
    return word;
}

bool read_flag(const YamlNode& node, const ReadContext& context) {
    const std::string word = read_text(node, context);
    if (word == "true" || word == "yes") {
        return true;
    }
    if (word == "false" || word == "no") {
        return false;
    }
    node.fail("'" + word + "' is neither true nor false", "write true or false");
}

std::string read_number(const YamlNode& node, const ReadContext& context) {
    static const std::regex k_decimal("[0-9]+([.][0-9]+)?");
    const std::string word = read_text(node, context);
    if (!std::regex_match(word, k_decimal) || std::strtod(word.c_str(), nullptr) <= 0) {
        node.fail("'" + word + "' is no number above 0",
                  "write one like 10 or 2.5, without a unit");
    }
    return word;
}

std::string read_whole(const YamlNode& node, const ReadContext& context) {
    return std::to_string(read_count(node, context));
}

unsigned read_count(const YamlNode& node, const ReadContext& context) {
    constexpr double k_most = 1e9;
    const double number = std::strtod(read_number(node, context).c_str(), nullptr);
    if (number < 1 || number > k_most || number != std::floor(number)) {
        node.fail("a whole number from 1 on is expected here", "write one like 512");
    }
    return static_cast<unsigned>(number);
}

std::string read_choice(const YamlNode& node,
                        const std::vector<std::string>& choices,
                        const ReadContext& context) {
    std::string word = read_text(node, context);
    if (std::find(choices.begin(), choices.end(), word) == choices.end()) {
        node.fail("'" + word + "' is none of: " + util::join(choices, ", "),
                  util::did_you_mean(word, choices, "write one of them"));
    }
    return word;
}

std::string whole_path(const std::string& path, const ReadContext& context) {
    std::filesystem::path whole = context.folder / path;
    if (path.rfind("~/", 0) == 0) {
        // NOLINTNEXTLINE(concurrency-mt-unsafe): kiln has one thread here
        const char* home = std::getenv("HOME");
        whole = std::string(home == nullptr ? "" : home) + path.substr(1);
    }
    return whole.lexically_normal().string();
}

std::string read_path(const YamlNode& node, const ReadContext& context) {
    return whole_path(read_word(node, context), context);
}

void read_each(const YamlNode& node,
               const std::function<void(const YamlNode&)>& read,
               ReadContext& context) {
    if (!node.is_list()) {
        read(node);
        return;
    }
    for (const YamlNode& item : node.items()) {
        context.problems.attempt([&] { read(item); });
    }
}

std::vector<std::string> read_words(const YamlNode& node, ReadContext& context) {
    std::vector<std::string> words;
    read_each(
        node, [&](const YamlNode& item) { words.push_back(read_word(item, context)); }, context);
    return words;
}

std::map<std::string, std::string> read_texts(const YamlNode& node, ReadContext& context) {
    std::map<std::string, std::string> texts;
    for (const auto& [name, value] : node.entries()) {
        context.problems.attempt([&, &key = name, &content = value] {
            texts[key.text()] = read_text(content, context);
        });
    }
    return texts;
}

} // namespace kiln::chain
