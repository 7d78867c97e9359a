#include "store/directory/schema.hpp"

#include "store/store_error.hpp"

#include <filesystem>

namespace kiln::store {
namespace {

constexpr std::int64_t k_version = 1;

/// Made to be read by people too. An id stays known after its image is gone: it is not used again.
constexpr const char* k_tables = R"(
CREATE TABLE images (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  status TEXT NOT NULL,
  visibility TEXT NOT NULL,
  hidden INTEGER NOT NULL,
  protected INTEGER NOT NULL,
  disk_format TEXT NOT NULL,
  container_format TEXT NOT NULL,
  size INTEGER,
  virtual_size INTEGER,
  min_disk INTEGER NOT NULL,
  min_ram INTEGER NOT NULL,
  checksum TEXT NOT NULL DEFAULT '',
  hash_algorithm TEXT NOT NULL DEFAULT '',
  hash_value TEXT NOT NULL DEFAULT '',
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL
);
CREATE INDEX images_by_name ON images (name);
CREATE TABLE tags (
  image_id TEXT NOT NULL REFERENCES images (id) ON DELETE CASCADE,
  tag TEXT NOT NULL,
  PRIMARY KEY (image_id, tag)
) WITHOUT ROWID;
CREATE TABLE properties (
  image_id TEXT NOT NULL REFERENCES images (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (image_id, name)
) WITHOUT ROWID;
CREATE TABLE removed (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  removed_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE VIEW overview AS
  SELECT name, status, visibility,
    CASE hidden WHEN 0 THEN 'no' ELSE 'yes' END AS hidden,
    CASE protected WHEN 0 THEN 'no' ELSE 'yes' END AS protected,
    size, created_at, updated_at,
    (SELECT group_concat(tag, ', ') FROM tags WHERE image_id = images.id) AS tags,
    (SELECT group_concat(properties.name || '=' || value, ', ') FROM properties
      WHERE image_id = images.id) AS properties,
    CASE WHEN status IN ('active', 'deactivated')
      THEN 'files/' || id || '.' || disk_format END AS file
  FROM images ORDER BY created_at DESC, sequence DESC;
PRAGMA user_version = 1;
)";

std::int64_t version_of(Database& index) {
    Rows rows = index.query("PRAGMA user_version");
    rows.next();
    return rows.integer(0);
}

/// A new index must not make orphans of data whose index was lost.
void refuse_lost_index(const Folder& folder) {
    std::error_code ignored;
    if (!std::filesystem::is_empty(folder.files(), ignored)) {
        throw StoreError(Problem::damaged,
                         {.what = "'" + folder.files() + "' has data, but '" + folder.index() +
                                  "', which says what it is, was lost",
                          .hint = "put index.sqlite back from a backup, or move files/ away",
                          .code = util::ExitCode::failed});
    }
}

} // namespace

Database open_index(const Folder& folder, std::chrono::milliseconds patience) {
    Database index(folder.index(), patience);
    if (version_of(index) == 0) {
        Transaction transaction(index, Transaction::Kind::write);
        if (version_of(index) == 0) {
            refuse_lost_index(folder);
            index.execute(k_tables);
        }
        transaction.commit();
    }
    const std::int64_t version = version_of(index);
    if (version > k_version) {
        throw StoreError(Problem::invalid,
                         {.what = "'" + folder.index() + "' was made by a newer kiln (version " +
                                  std::to_string(version) + ", known is " +
                                  std::to_string(k_version) + ")",
                          .hint = "use that kiln, or another folder",
                          .code = util::ExitCode::failed});
    }
    return index;
}

} // namespace kiln::store
