#pragma once

#include "store/directory/database.hpp"
#include "store/image.hpp"

#include <optional>
#include <string>
#include <vector>

namespace kiln::store {

/// The image of that id, if any. To be called within a Transaction, as all here.
std::optional<Image> load_image(Database& index, const std::string& id);

/// All that match, the newest first.
std::vector<Image> load_images(Database& index, const ImageFilter& filter);

/// Whether an image has the id, or had it.
bool is_id_used(Database& index, const std::string& id);

void insert_image(Database& index, const Image& image);

/// All fields but the id and the time of creation.
void update_image(Database& index, const Image& image);

/// The id is kept as one that is used up.
void delete_image(Database& index, const Image& image, const std::string& time);

} // namespace kiln::store
