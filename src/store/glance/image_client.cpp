#include "store/glance/image_client.hpp"

#include "net/url.hpp"
#include "store/glance/paths.hpp"
#include "store/glance/refusal.hpp"
#include "store/uuid.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace kiln::store {
namespace {

constexpr int k_page = 1000;
constexpr int k_tries = 4;

/// Glance takes "in:", "gt:" and their kin at the start of a value as an operator. Such values are
/// compared here instead.
bool is_plain(const std::string& value) {
    constexpr std::array<std::string_view, 7> k_operators = {
        "in:", "eq:", "neq:", "gt:", "gte:", "lt:", "lte:"};
    return std::none_of(k_operators.begin(), k_operators.end(), [&](std::string_view word) {
        return value.rfind(word, 0) == 0;
    });
}

void add(std::string& query, const std::string& key, const std::string& value) {
    if (is_plain(value)) {
        query += "&" + net::encode_component(key) + "=" + net::encode_component(value);
    }
}

bool removes_properties(const ImageChange& change) {
    return std::any_of(change.properties.begin(),
                       change.properties.end(),
                       [](const auto& property) { return !property.second; });
}

ImageChange without_removals_done(ImageChange change, const Image& now) {
    for (auto property = change.properties.begin(); property != change.properties.end();) {
        const bool done = !property->second && now.properties.count(property->first) == 0;
        property = done ? change.properties.erase(property) : std::next(property);
    }
    return change;
}

bool is_lost_marker(const net::HttpAnswer& answer, const std::string& last) {
    return answer.status == 400 && !last.empty();
}

} // namespace

std::string list_query(const ImageFilter& filter, const std::string& last) {
    std::string query = "limit=" + std::to_string(k_page);
    query += filter.hidden == ImageFilter::Hidden::only ? "&os_hidden=true" : "";
    for (const std::string& tag : filter.tags) {
        query += "&tag=" + net::encode_component(tag);
    }
    if (filter.name) {
        add(query, "name", *filter.name);
    }
    if (filter.status && *filter.status != ImageStatus::other) {
        add(query, "status", status_name(*filter.status));
    }
    if (filter.visibility) {
        add(query, "visibility", visibility_name(*filter.visibility));
    }
    if (filter.owner) {
        add(query, "owner", *filter.owner);
    }
    for (const auto& [key, value] : filter.properties) {
        add(query, key, value);
    }
    return query + (last.empty() ? "" : "&marker=" + net::encode_component(last));
}

std::vector<Image> ImageClient::list(const ImageFilter& filter) {
    std::vector<Image> images = list_once(filter);
    const auto is_other = [&](const Image& image) { return !matches(image, filter); };
    images.erase(std::remove_if(images.begin(), images.end(), is_other), images.end());
    std::stable_sort(images.begin(), images.end(), [](const Image& a, const Image& b) {
        return a.created_at > b.created_at;
    });
    return images;
}

/// Begins anew when the image at which a page ended is gone.
std::vector<Image> ImageClient::list_once(const ImageFilter& filter) {
    std::vector<Image> images;
    std::set<std::string> known;
    std::string last;
    for (int restarts = 0;;) {
        const net::HttpAnswer answer = ask("GET", "/v2/images?" + list_query(filter, last));
        if (is_lost_marker(answer, last) && ++restarts < k_tries) {
            images.clear();
            known.clear();
            last.clear();
            continue;
        }
        require_success(answer, "list images");
        const ImagePage page = image_page_from_json(answer.body);
        for (const Image& image : page.images) {
            if (known.insert(image.id).second) {
                images.push_back(image);
            }
        }
        if (!page.has_next || page.images.empty()) {
            return images;
        }
        last = page.images.back().id;
    }
}

net::HttpAnswer
ImageClient::ask(const std::string& method, const std::string& path, std::string body) {
    net::HttpRequest request = {.method = method, .url = path, .body = std::move(body)};
    if (!request.body.empty()) {
        request.headers = {"Content-Type: application/json"};
    }
    return session_.call(std::move(request), Repeat::freely).answer;
}

std::optional<Image> ImageClient::show(const std::string& id) {
    const net::HttpAnswer answer = ask("GET", image_path(id));
    if (problem_of(answer.status) == Problem::absent) {
        return std::nullopt;
    }
    require_success(answer, "look at image '" + id + "'");
    return image_from_json(answer.body);
}

CallResult ImageClient::try_create(const NewImage& image) {
    return session_.call({.method = "POST",
                          .url = "/v2/images",
                          .headers = {"Content-Type: application/json"},
                          .body = to_json(image)},
                         Repeat::when_unseen);
}

Image ImageClient::create(const NewImage& image) {
    const std::string doing = "create image '" + image.name + "'";
    NewImage wanted = image;
    wanted.id = image.id.empty() ? new_uuid() : image.id;
    for (int round = 1;; ++round) {
        const CallResult result = try_create(wanted);
        if (!result.uncertain) {
            require_success(result.answer, doing);
            return image_from_json(result.answer.body);
        }
        if (std::optional<Image> made = show(wanted.id)) {
            return std::move(*made);
        }
        if (round >= k_tries) {
            throw StoreError(Problem::unavailable,
                             {.what = "cannot " + doing + ": " + result.reason,
                              .hint = "run the same command again",
                              .code = util::ExitCode::remote});
        }
    }
}

net::HttpAnswer ImageClient::patch(const std::string& id, const ImageChange& change) {
    return session_
        .call({.method = "PATCH",
               .url = image_path(id),
               .headers = {"Content-Type: application/openstack-images-v2.1-json-patch"},
               .body = to_json_patch(change)},
              Repeat::freely)
        .answer;
}

Image ImageClient::update(const std::string& id, const ImageChange& change) {
    const std::string doing = "change image '" + id + "'";
    ImageChange left = change;
    for (int round = 1;; ++round) {
        if (left.empty()) {
            return must_show(id, doing);
        }
        const net::HttpAnswer answer = patch(id, left);
        // Something to remove is not there, perhaps since an earlier try whose answer was lost.
        if (answer.status == 409 && removes_properties(left) && round < k_tries) {
            left = without_removals_done(std::move(left), must_show(id, doing));
            continue;
        }
        require_success(answer, doing);
        return image_from_json(answer.body);
    }
}

Image ImageClient::must_show(const std::string& id, const std::string& doing) {
    std::optional<Image> image = show(id);
    if (!image) {
        throw StoreError(Problem::absent,
                         {.what = "cannot " + doing + ": there is no such image",
                          .code = util::ExitCode::remote});
    }
    return std::move(*image);
}

void ImageClient::add_tag(const std::string& id, const std::string& tag) {
    require_success(ask("PUT", image_path(id) + "/tags/" + net::encode_component(tag)),
                    "tag image '" + id + "'");
}

void ImageClient::remove_tag(const std::string& id, const std::string& tag) {
    const net::HttpAnswer answer =
        ask("DELETE", image_path(id) + "/tags/" + net::encode_component(tag));
    if (answer.status != 404) {
        require_success(answer, "remove a tag of image '" + id + "'");
    }
}

void ImageClient::act(const std::string& id, const std::string& action) {
    require_success(ask("POST", image_path(id) + "/actions/" + action),
                    action + " image '" + id + "'");
}

void ImageClient::deactivate(const std::string& id) {
    act(id, "deactivate");
}

void ImageClient::reactivate(const std::string& id) {
    act(id, "reactivate");
}

Removal ImageClient::remove(const std::string& id) {
    const net::HttpAnswer answer = ask("DELETE", image_path(id));
    if (answer.status == 404 || answer.status == 410) {
        return Removal::absent;
    }
    if (answer.status == 409) {
        return Removal::in_use;
    }
    if (answer.status == 403 && message_of(answer.body).find("protected") != std::string::npos) {
        return Removal::is_protected;
    }
    require_success(answer, "delete image '" + id + "'");
    return Removal::removed;
}

void ImageClient::remove_from_store(const std::string& id, const std::string& store) {
    require_success(
        ask("DELETE",
            "/v2/stores/" + net::encode_component(store) + "/" + net::encode_component(id)),
        "remove image '" + id + "' from store '" + store + "'");
}

} // namespace kiln::store
