#include "store/glance/image_json.hpp"

#include "store/store_error.hpp"
#include "util/text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <functional>

namespace kiln::store {
namespace {

using nlohmann::json;

[[noreturn]] void fail_on_answer() {
    throw StoreError(Problem::unavailable,
                     {.what = "the image service sent an answer that cannot be read",
                      .hint = "does the endpoint of the catalog lead to Glance (v2)?",
                      .code = util::ExitCode::remote});
}

json parse(const std::string& text) {
    json document = json::parse(text, nullptr, false);
    if (!document.is_object()) {
        fail_on_answer();
    }
    return document;
}

std::string text_of(const json& value) {
    if (value.is_string()) {
        return value.get<std::string>();
    }
    return value.is_null() ? "" : value.dump();
}

std::string text_at(const json& object, const char* key) {
    const auto found = object.find(key);
    return found == object.end() ? "" : text_of(*found);
}

std::optional<std::uint64_t> number_at(const json& object, const char* key) {
    const auto found = object.find(key);
    if (found == object.end() || !found->is_number_unsigned()) {
        return std::nullopt;
    }
    return found->get<std::uint64_t>();
}

bool flag_at(const json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_boolean() && found->get<bool>();
}

/// Names that are no properties: of the API itself, and what a service keeps for itself.
bool is_own_key(const std::string& key) {
    static const std::array<std::string_view, 25> k_keys = {
        "id",        "name",        "status",     "visibility",   "os_hidden",
        "protected", "disk_format", "size",       "virtual_size", "container_format",
        "min_disk",  "min_ram",     "checksum",   "os_hash_algo", "os_hash_value",
        "owner",     "created_at",  "updated_at", "tags",         "stores",
        "self",      "file",        "schema",     "locations",    "direct_url"};
    return std::find(k_keys.begin(), k_keys.end(), key) != k_keys.end() ||
           key.rfind("os_glance_", 0) == 0 || key.rfind("owner_specified.", 0) == 0;
}

void read_collections(const json& object, Image& image) {
    if (const auto tags = object.find("tags"); tags != object.end() && tags->is_array()) {
        for (const json& tag : *tags) {
            image.tags.insert(text_of(tag));
        }
    }
    for (const auto& [key, value] : object.items()) {
        if (!is_own_key(key) && !value.is_null()) {
            image.properties[key] = text_of(value);
        }
    }
}

Image image_of(const json& object) {
    if (!object.is_object() || text_at(object, "id").empty()) {
        fail_on_answer();
    }
    Image image = {
        .id = text_at(object, "id"),
        .name = text_at(object, "name"),
        .status = parse_status(text_at(object, "status")),
        .visibility =
            parse_visibility(text_at(object, "visibility")).value_or(Visibility::private_image),
        .hidden = flag_at(object, "os_hidden"),
        .is_protected = flag_at(object, "protected"),
        .disk_format = text_at(object, "disk_format"),
        .container_format = text_at(object, "container_format"),
        .size = number_at(object, "size"),
        .virtual_size = number_at(object, "virtual_size"),
        .min_disk = number_at(object, "min_disk").value_or(0),
        .min_ram = number_at(object, "min_ram").value_or(0),
        .checksum = text_at(object, "checksum"),
        .hash_algorithm = text_at(object, "os_hash_algo"),
        .hash_value = text_at(object, "os_hash_value"),
        .owner = text_at(object, "owner"),
        .created_at = text_at(object, "created_at"),
        .updated_at = text_at(object, "updated_at"),
        .stores = text_at(object, "stores"),
        .failed_import = text_at(object, "os_glance_failed_import"),
        .is_importing = !text_at(object, "os_glance_importing_to_stores").empty()};
    read_collections(object, image);
    return image;
}

/// A part of a JSON pointer (RFC 6901, section 3).
std::string pointer(const std::string& key) {
    return "/" + util::replace_all(util::replace_all(key, "~", "~0"), "/", "~1");
}

json set(const std::string& key, const json& value) {
    return {{"op", "add"}, {"path", pointer(key)}, {"value", value}};
}

/// "&#x27;" and its kin as Glance (webob) writes them.
std::string without_entities(std::string text) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 7> k_entities = {
        {{"&#x27;", "'"},
         {"&#39;", "'"},
         {"&quot;", "\""},
         {"&lt;", "<"},
         {"&gt;", ">"},
         {"&nbsp;", " "},
         {"&amp;", "&"}}};
    for (const auto& [entity, character] : k_entities) {
        text = util::replace_all(std::move(text), entity, character);
    }
    return text;
}

std::string text_of_page(const std::string& body) {
    constexpr std::string_view k_heading = "</h1>";
    const std::size_t heading = body.find(k_heading);
    if (heading == std::string::npos) {
        return body;
    }
    const std::size_t begin = heading + k_heading.size();
    // A message may hold breaks of its own, written as entities.
    const std::string text =
        without_entities(body.substr(begin, body.find("</body", begin) - begin));
    return text.substr(0, text.find("<br"));
}

std::string text_of_json(const std::string& body) {
    const json document = json::parse(body, nullptr, false);
    if (!document.is_object()) {
        return "";
    }
    for (const auto& [key, value] : document.items()) {
        if (value.is_object() && value.contains("message")) {
            return text_of(value["message"]);
        }
        if (key == "message") {
            return text_of(value);
        }
    }
    return "";
}

} // namespace

Image image_from_json(const std::string& text) {
    return image_of(parse(text));
}

ImagePage image_page_from_json(const std::string& text) {
    const json document = parse(text);
    const auto images = document.find("images");
    if (images == document.end() || !images->is_array()) {
        fail_on_answer();
    }
    ImagePage page;
    for (const json& image : *images) {
        page.images.push_back(image_of(image));
    }
    page.has_next = !text_at(document, "next").empty();
    return page;
}

std::string to_json(const NewImage& image) {
    json object = {{"name", image.name},
                   {"disk_format", image.disk_format},
                   {"container_format", image.container_format},
                   {"visibility", visibility_name(image.visibility)},
                   {"os_hidden", image.hidden},
                   {"protected", image.is_protected},
                   {"min_disk", image.min_disk},
                   {"min_ram", image.min_ram},
                   {"tags", image.tags}};
    if (!image.id.empty()) {
        object["id"] = image.id;
    }
    for (const auto& [key, value] : image.properties) {
        object[key] = value;
    }
    return object.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string to_json_patch(const ImageChange& change) {
    json patch = json::array();
    const auto set_if = [&patch](const char* key, const auto& value) {
        if (value) {
            patch.push_back(set(key, *value));
        }
    };
    set_if("name", change.name);
    if (change.visibility) {
        patch.push_back(set("visibility", visibility_name(*change.visibility)));
    }
    set_if("os_hidden", change.hidden);
    set_if("protected", change.is_protected);
    set_if("min_disk", change.min_disk);
    set_if("min_ram", change.min_ram);
    set_if("tags", change.tags);
    for (const auto& [key, value] : change.properties) {
        patch.push_back(value ? set(key, *value) : json{{"op", "remove"}, {"path", pointer(key)}});
    }
    return patch.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::vector<Member> members_from_json(const std::string& text) {
    const json document = parse(text);
    std::vector<Member> members;
    const auto list = document.find("members");
    if (list == document.end() || !list->is_array()) {
        fail_on_answer();
    }
    for (const json& member : *list) {
        if (!member.is_object()) {
            fail_on_answer();
        }
        members.push_back(
            {.project = text_at(member, "member_id"), .status = text_at(member, "status")});
    }
    return members;
}

std::string failed_task_message(const std::string& text) {
    const json document = json::parse(text, nullptr, false);
    if (!document.is_object() || !document.contains("tasks") || !document["tasks"].is_array()) {
        return "";
    }
    std::string message;
    std::string newest;
    for (const json& task : document["tasks"]) {
        const bool failed = task.is_object() && text_at(task, "status") == "failure";
        if (failed && text_at(task, "created_at") >= newest) {
            newest = text_at(task, "created_at");
            message = text_at(task, "message");
        }
    }
    return message;
}

std::string message_of(const std::string& body) {
    constexpr std::size_t k_longest = 400;
    std::string text = text_of_json(body);
    if (text.empty()) {
        text = text_of_page(body);
    }
    text = util::join(util::split_words(text), " ");
    if (text.size() > k_longest) {
        text = text.substr(0, k_longest) + "...";
    }
    return text;
}

} // namespace kiln::store
