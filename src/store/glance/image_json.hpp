#pragma once

#include "store/image.hpp"

#include <string>
#include <vector>

namespace kiln::store {

/// Bodies of the Image API v2 (docs.openstack.org/api-ref/image/v2). Those that come from a server
/// throw StoreError (unavailable) when they are no such body.

Image image_from_json(const std::string& text);

struct ImagePage {
    std::vector<Image> images{};
    /// The server says that there are more.
    bool has_next = false;
};

ImagePage image_page_from_json(const std::string& text);

std::string to_json(const NewImage& image);

/// The JSON patch (application/openstack-images-v2.1-json-patch) that makes the change. Properties
/// are set whether they are there or not; those to be removed must be there.
std::string to_json_patch(const ImageChange& change);

/// Who else may use a shared image.
struct Member {
    /// A project's id.
    std::string project;
    /// "pending", "accepted" or "rejected".
    std::string status{};
};

std::vector<Member> members_from_json(const std::string& text);

/// The message of the newest task of an image that failed; empty when there is none.
std::string failed_task_message(const std::string& text);

/// What a service says of a refused request: from JSON (Keystone), from a page of HTML (Glance), or
/// plain text; one line, never longer than a screen.
std::string message_of(const std::string& body);

} // namespace kiln::store
