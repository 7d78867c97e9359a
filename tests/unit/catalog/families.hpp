#pragma once

#include "catalog/family.hpp"

#include <string>
#include <utility>

namespace kiln::tests {

/// An image with data, made by kiln.
inline store::Image
made(const std::string& id, const std::string& name, const std::string& version) {
    store::Image image = {.id = id,
                          .name = name,
                          .status = store::ImageStatus::active,
                          .created_at = "2026-01-01T00:00:" + version + "Z"};
    image.properties = {{catalog::key::k_family, "web"},
                        {catalog::key::k_version, version},
                        {catalog::key::k_digest, "sha256:" + id}};
    return image;
}

/// The same, and it had the name at some time.
inline store::Image
promoted(const std::string& id, const std::string& name, const std::string& version) {
    store::Image image = made(id, name, version);
    image.properties[catalog::key::k_promoted] = "2026-01-01T00:01:" + version + ".000Z";
    image.properties[catalog::key::k_visibility] = store::visibility_name(image.visibility);
    return image;
}

inline store::Image hidden(store::Image image) {
    image.hidden = true;
    return image;
}

inline store::Image with(store::Image image, const std::string& key, const std::string& value) {
    image.properties[key] = value;
    return image;
}

inline store::Image with_status(store::Image image, store::ImageStatus status) {
    image.status = status;
    return image;
}

inline store::Image with_visibility(store::Image image, store::Visibility visibility) {
    image.visibility = visibility;
    return image;
}

} // namespace kiln::tests
