#include "store/directory/recovery.hpp"

#include "store/directory/local_error.hpp"
#include "store/directory/locked_file.hpp"
#include "store/directory/rules.hpp"

#include <unistd.h>

#include <filesystem>
#include <set>
#include <system_error>
#include <vector>

namespace kiln::store {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> files_in(const std::string& folder) {
    std::vector<std::string> names;
    std::error_code failed;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, failed)) {
        names.push_back(entry.path().filename().string());
    }
    if (failed) {
        throw StoreError(Problem::unavailable,
                         {.what = "cannot read '" + folder + "': " + failed.message(),
                          .code = util::ExitCode::failed});
    }
    return names;
}

std::vector<std::string> saving_ids(Database& index) {
    std::vector<std::string> ids;
    Rows rows = index.query("SELECT id FROM images WHERE status = 'saving'");
    while (rows.next()) {
        ids.push_back(rows.text(0));
    }
    return ids;
}

std::set<std::string> data_names(Database& index) {
    std::set<std::string> names;
    Rows rows =
        index.query("SELECT id, disk_format FROM images WHERE status IN ('active', 'deactivated')");
    while (rows.next()) {
        names.insert(Folder::data_name(rows.text(0), rows.text(1)));
    }
    return names;
}

} // namespace

void release_dead_uploads(Database& index, const Folder& folder, const std::string& time) {
    for (const std::string& id : saving_ids(index)) {
        if (!LockedFile::is_taken(folder.part(id))) {
            index.run("UPDATE images SET status = 'queued', updated_at = ? WHERE id = ?",
                      {time, id});
        }
    }
}

void sweep_files(Database& index, const Folder& folder) {
    const std::set<std::string> known = data_names(index);
    for (const std::string& name : files_in(folder.files())) {
        const std::size_t dot = name.find('.');
        if (dot == std::string::npos || !is_image_id(name.substr(0, dot))) {
            continue;
        }
        const std::string path = folder.files() + "/" + name;
        const std::string end = name.substr(dot + 1);
        const bool orphan = end == "part" ? !LockedFile::is_taken(path)
                                          : is_disk_format(end) && known.count(name) == 0;
        if (orphan) {
            ::unlink(path.c_str());
        }
    }
}

} // namespace kiln::store
