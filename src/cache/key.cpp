#include "cache/key.hpp"

#include "util/digest.hpp"
#include "util/error.hpp"

#include <nlohmann/json.hpp>

#include <vector>

namespace kiln::cache {
namespace {

using nlohmann::json;

constexpr std::string_view k_variable_prefix = "variable ";

/// Longer values, and digests, tell a reader nothing.
constexpr std::size_t k_longest_shown = 48;

std::string name_of(const std::string& tag, const Input& input) {
    if (!input.title.empty()) {
        return input.title;
    }
    const std::size_t blank = tag.find(' ');
    return blank == std::string::npos ? tag : tag.substr(blank + 1);
}

bool is_shown(const std::string& tag, const Input& input) {
    return tag.compare(0, k_variable_prefix.size(), k_variable_prefix) == 0 &&
           input.value.size() <= k_longest_shown && input.value.find('\n') == std::string::npos &&
           input.value.compare(0, 7, "secret ") != 0;
}

std::string change_of(const std::string& tag, const Input& before, const Input& now) {
    if (tag == k_parent_tag) {
        return "the layer below changed";
    }
    std::string text = name_of(tag, now) + " changed";
    if (is_shown(tag, before) && is_shown(tag, now)) {
        text += " ('" + before.value + "' -> '" + now.value + "')";
    }
    return text;
}

std::optional<std::string> difference_at(const std::string& tag,
                                         const std::map<std::string, Input>& before,
                                         const std::map<std::string, Input>& now) {
    const auto old = before.find(tag);
    const auto current = now.find(tag);
    if (old == before.end()) {
        return name_of(tag, current->second) + " was added";
    }
    if (current == now.end()) {
        return name_of(tag, old->second) + " is gone";
    }
    return old->second.value == current->second.value
               ? std::nullopt
               : std::optional(change_of(tag, old->second, current->second));
}

} // namespace

void KeyManifest::add(const std::string& tag, std::string value, std::string title) {
    inputs_[tag] = {.value = std::move(value), .title = std::move(title)};
}

std::string KeyManifest::digest() const {
    util::Digest digest(util::DigestKind::sha256);
    const auto add = [&digest](const std::string& text) {
        digest.update(std::to_string(text.size()) + ":" + text);
    };
    add(purpose_);
    for (const auto& [tag, input] : inputs_) {
        add(tag);
        add(input.value);
    }
    return digest.finish();
}

std::string KeyManifest::to_json() const {
    json inputs = json::object();
    for (const auto& [tag, input] : inputs_) {
        inputs[tag] = {{"value", input.value}};
        if (!input.title.empty()) {
            inputs[tag]["title"] = input.title;
        }
    }
    const json object = {{"purpose", purpose_}, {"inputs", inputs}};
    return object.dump(1, ' ', false, json::error_handler_t::replace);
}

KeyManifest KeyManifest::from_json(const std::string& text) {
    try {
        const json object = json::parse(text);
        KeyManifest manifest(object.at("purpose").get<std::string>());
        for (const auto& [tag, input] : object.at("inputs").items()) {
            manifest.add(tag, input.at("value").get<std::string>(), input.value("title", ""));
        }
        return manifest;
    } catch (const json::exception&) {
        throw util::Error({.what = "this is no list of the inputs of a layer"});
    }
}

std::optional<std::string> first_difference(const KeyManifest& before, const KeyManifest& now) {
    std::map<std::string, Input> tags = before.inputs();
    tags.insert(now.inputs().begin(), now.inputs().end());
    std::optional<std::string> below;
    std::optional<std::string> derived;
    for (const auto& entry : tags) {
        const std::string& tag = entry.first;
        const auto difference = difference_at(tag, before.inputs(), now.inputs());
        const bool is_derived = tag.compare(0, k_derived_prefix.size(), k_derived_prefix) == 0;
        if (difference && tag != k_parent_tag && !is_derived) {
            return difference;
        }
        std::optional<std::string>& later = is_derived ? derived : below;
        later = difference && !later ? difference : later;
    }
    return below ? below : derived;
}

} // namespace kiln::cache
