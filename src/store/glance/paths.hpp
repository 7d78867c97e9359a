#pragma once

#include "net/url.hpp"

#include <string>

namespace kiln::store {

/// Of an image in Glance's API (api-ref/image/v2), below the endpoint.
inline std::string image_path(const std::string& id) {
    return "/v2/images/" + net::encode_component(id);
}

/// A URL without the slashes at its end.
inline std::string without_slashes(std::string url) {
    while (!url.empty() && url.back() == '/') {
        url.pop_back();
    }
    return url;
}

} // namespace kiln::store
