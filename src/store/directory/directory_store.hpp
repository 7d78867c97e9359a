#pragma once

#include "store/directory/database.hpp"
#include "store/directory/folder.hpp"
#include "store/image_store.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace kiln::store {

struct DirectoryOptions {
    std::function<std::chrono::system_clock::time_point()> now = std::chrono::system_clock::now;
    /// How long to wait while other processes change the folder; each does so for moments only.
    std::chrono::milliseconds patience{30000};
};

/// Images as files in a folder, with an SQLite database that tells of them (schema.cpp). Several
/// processes may use it at once, and each may be killed at any point: a change is there whole or
/// not at all, and what a dead upload left is cleared away when the folder is next opened.
/// Removed ids are not used again. Not to be kept open across fork(2).
class DirectoryStore : public ImageStore {
public:
    /// Makes the folder where it is missing. Throws StoreError.
    explicit DirectoryStore(std::string folder, DirectoryOptions options = {});

    [[nodiscard]] std::string describe() const override;

    /// Empty: images of a folder belong to nobody.
    std::string owner() override { return ""; }

    bool may_publicize() override { return true; }

    std::vector<Image> list(const ImageFilter& filter) override;
    std::optional<Image> find(const std::string& id) override;
    Image create(const NewImage& wanted) override;
    Image upload(const std::string& id, const ImageData& data) override;
    Image update(const std::string& id, const ImageChange& change) override;
    void deactivate(const std::string& id) override;
    void reactivate(const std::string& id) override;
    Removal remove(const std::string& id) override;
    void download(const std::string& id,
                  const std::string& path,
                  const std::function<void(std::uint64_t, std::uint64_t)>& progress) override;

private:
    [[nodiscard]] std::string time() const;
    Image existing(const std::string& id);
    void save(Image& image);
    void change_status(const std::string& id, ImageStatus from, ImageStatus to);
    void release_dead();

    DirectoryOptions options_;
    Folder folder_;
    Database index_;
};

} // namespace kiln::store
