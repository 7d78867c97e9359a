#pragma once

#include <string>

namespace kiln::store {

/// Where things lie in the folder of a DirectoryStore.
class Folder {
public:
    /// Makes the folder, those above it, and what a person reads first. Throws StoreError; usage
    /// where the path is no folder.
    explicit Folder(std::string path);

    [[nodiscard]] const std::string& path() const noexcept { return path_; }

    /// The database.
    [[nodiscard]] std::string index() const { return path_ + "/index.sqlite"; }

    [[nodiscard]] std::string files() const { return path_ + "/files"; }

    [[nodiscard]] std::string names() const { return path_ + "/names"; }

    /// "ID.FORMAT", the data of an image within files().
    static std::string data_name(const std::string& id, const std::string& disk_format) {
        return id + "." + disk_format;
    }

    [[nodiscard]] std::string data(const std::string& id, const std::string& disk_format) const {
        return files() + "/" + data_name(id, disk_format);
    }

    /// The data while it is written; whoever writes it has it locked (LockedFile).
    [[nodiscard]] std::string part(const std::string& id) const {
        return files() + "/" + id + ".part";
    }

private:
    std::string path_;
};

} // namespace kiln::store
