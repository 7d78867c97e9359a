#pragma once

#include "store/image.hpp"

#include <string>
#include <string_view>

namespace kiln::store {

/// Whether the text has the form of a UUID.
bool is_image_id(std::string_view text);

/// Whether it is a disk format that the Image API knows.
bool is_disk_format(std::string_view text);

/// Refuses what the Image API refuses: unknown formats, names, tags and property names above 255
/// characters, properties that are named like a field, and text that is not UTF-8. Throws
/// StoreError (invalid).
void check_image(const Image& image);

} // namespace kiln::store
