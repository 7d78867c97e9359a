#include "store/directory/image_rows.hpp"

#include <algorithm>
#include <map>

namespace kiln::store {
namespace {

constexpr const char* k_columns =
    "id, name, status, visibility, hidden, protected, disk_format, container_format, size, "
    "virtual_size, min_disk, min_ram, checksum, hash_algorithm, hash_value, created_at, "
    "updated_at";

Value number(std::uint64_t value) {
    return static_cast<std::int64_t>(value);
}

Value number(const std::optional<std::uint64_t>& value) {
    return value ? number(*value) : Value(nullptr);
}

Image image_of(const Rows& row) {
    Image image = {.id = row.text(0), .name = row.text(1), .status = parse_status(row.text(2))};
    image.visibility = parse_visibility(row.text(3)).value_or(Visibility::private_image);
    image.hidden = row.integer(4) != 0;
    image.is_protected = row.integer(5) != 0;
    image.disk_format = row.text(6);
    image.container_format = row.text(7);
    image.size = row.size(8);
    image.virtual_size = row.size(9);
    image.min_disk = row.size(10).value_or(0);
    image.min_ram = row.size(11).value_or(0);
    image.checksum = row.text(12);
    image.hash_algorithm = row.text(13);
    image.hash_value = row.text(14);
    image.created_at = row.text(15);
    image.updated_at = row.text(16);
    return image;
}

/// What a WHERE says, and the values in it.
struct Condition {
    std::string text;
    std::vector<Value> values;
};

std::vector<Image> select(Database& index, const Condition& condition) {
    std::vector<Image> images;
    std::map<std::string, std::size_t> places;
    Rows rows = index.query("SELECT " + std::string(k_columns) + " FROM images WHERE " +
                                condition.text + " ORDER BY created_at DESC, sequence DESC",
                            condition.values);
    while (rows.next()) {
        images.push_back(image_of(rows));
        places[images.back().id] = images.size() - 1;
    }
    const std::string in_images =
        " WHERE image_id IN (SELECT id FROM images WHERE " + condition.text + ")";
    Rows tags = index.query("SELECT image_id, tag FROM tags" + in_images, condition.values);
    while (tags.next()) {
        images.at(places.at(tags.text(0))).tags.insert(tags.text(1));
    }
    Rows properties =
        index.query("SELECT image_id, name, value FROM properties" + in_images, condition.values);
    while (properties.next()) {
        images.at(places.at(properties.text(0))).properties[properties.text(1)] =
            properties.text(2);
    }
    return images;
}

/// As much of the filter as saves reading rows.
Condition condition_of(const ImageFilter& filter) {
    Condition condition = {.text = "hidden = ?", .values = {}};
    condition.values.emplace_back(
        static_cast<std::int64_t>(filter.hidden == ImageFilter::Hidden::only));
    if (filter.name) {
        condition.text += " AND name = ?";
        condition.values.emplace_back(*filter.name);
    }
    for (const std::string& tag : filter.tags) {
        condition.text += " AND id IN (SELECT image_id FROM tags WHERE tag = ?)";
        condition.values.emplace_back(tag);
    }
    return condition;
}

std::vector<Value> fields_of(const Image& image) {
    return {image.name,
            status_name(image.status),
            visibility_name(image.visibility),
            static_cast<std::int64_t>(image.hidden),
            static_cast<std::int64_t>(image.is_protected),
            image.disk_format,
            image.container_format,
            number(image.size),
            number(image.virtual_size),
            number(image.min_disk),
            number(image.min_ram),
            image.checksum,
            image.hash_algorithm,
            image.hash_value,
            image.updated_at};
}

void insert_details(Database& index, const Image& image) {
    for (const std::string& tag : image.tags) {
        index.run("INSERT INTO tags (image_id, tag) VALUES (?, ?)", {image.id, tag});
    }
    for (const auto& [name, value] : image.properties) {
        index.run("INSERT INTO properties (image_id, name, value) VALUES (?, ?, ?)",
                  {image.id, name, value});
    }
}

} // namespace

std::optional<Image> load_image(Database& index, const std::string& id) {
    std::vector<Image> images = select(index, {.text = "id = ?", .values = {id}});
    return images.empty() ? std::nullopt : std::optional(std::move(images.front()));
}

std::vector<Image> load_images(Database& index, const ImageFilter& filter) {
    std::vector<Image> images = select(index, condition_of(filter));
    const auto differs = [&](const Image& image) { return !matches(image, filter); };
    images.erase(std::remove_if(images.begin(), images.end(), differs), images.end());
    return images;
}

bool is_id_used(Database& index, const std::string& id) {
    return index
        .query("SELECT 1 FROM images WHERE id = ? UNION SELECT 1 FROM removed WHERE id = ?",
               {id, id})
        .next();
}

void insert_image(Database& index, const Image& image) {
    std::vector<Value> values = fields_of(image);
    values.emplace_back(image.id);
    values.emplace_back(image.created_at);
    index.run("INSERT INTO images (name, status, visibility, hidden, protected, disk_format, "
              "container_format, size, virtual_size, min_disk, min_ram, checksum, "
              "hash_algorithm, hash_value, updated_at, id, created_at) "
              "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
              values);
    insert_details(index, image);
}

void update_image(Database& index, const Image& image) {
    std::vector<Value> values = fields_of(image);
    values.emplace_back(image.id);
    index.run("UPDATE images SET name = ?, status = ?, visibility = ?, hidden = ?, "
              "protected = ?, disk_format = ?, container_format = ?, size = ?, "
              "virtual_size = ?, min_disk = ?, min_ram = ?, checksum = ?, hash_algorithm = ?, "
              "hash_value = ?, updated_at = ? WHERE id = ?",
              values);
    index.run("DELETE FROM tags WHERE image_id = ?", {image.id});
    index.run("DELETE FROM properties WHERE image_id = ?", {image.id});
    insert_details(index, image);
}

void delete_image(Database& index, const Image& image, const std::string& time) {
    index.run("DELETE FROM images WHERE id = ?", {image.id});
    index.run("INSERT INTO removed (id, name, removed_at) VALUES (?, ?, ?)",
              {image.id, image.name, time});
}

} // namespace kiln::store
