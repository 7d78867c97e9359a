#pragma once

#include "store/directory/directory_store.hpp"
#include "support/store_data.hpp"
#include "unit/util/test_files.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace kiln::tests {

/// Names of what is in a folder, and for links what they lead to.
inline std::map<std::string, std::string> entries_of(const std::string& folder) {
    std::map<std::string, std::string> entries;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        entries[entry.path().filename().string()] =
            entry.is_symlink() ? std::filesystem::read_symlink(entry.path()).string() : "";
    }
    return entries;
}

/// Hidden ones included, the newest first.
inline std::vector<store::Image> all_images(store::ImageStore& images) {
    std::vector<store::Image> all = images.list({});
    for (store::Image& image : images.list({.hidden = store::ImageFilter::Hidden::only})) {
        all.push_back(std::move(image));
    }
    return all;
}

/// What files/ and names/ must hold for what the index says; plain names only.
inline void expect_sound(const std::string& folder) {
    store::DirectoryStore images(folder);
    std::map<std::string, std::string> files;
    std::map<std::string, std::string> names;
    for (const store::Image& image : all_images(images)) {
        const std::string file = image.id + "." + image.disk_format;
        if (!image.is_complete()) {
            EXPECT_EQ(image.status, store::ImageStatus::queued);
            EXPECT_EQ(image.hash_value, "");
            continue;
        }
        files[file] = "";
        const std::string data = util::read_file(folder + "/files/" + file);
        EXPECT_EQ(image.size, data.size());
        EXPECT_EQ(image.hash_value, digest_of(util::DigestKind::sha512, data));
        if (image.status == store::ImageStatus::active && !image.hidden) {
            names.emplace(image.name + "." + image.disk_format, "../files/" + file);
        }
    }
    EXPECT_EQ(entries_of(folder + "/files"), files);
    EXPECT_EQ(entries_of(folder + "/names"), names);
}

/// A store in a folder that is not there yet.
class DirectoryStoreTest : public testing::Test {
protected:
    store::DirectoryStore open() const { return store::DirectoryStore(folder); }

    static store::Image add(store::ImageStore& images,
                            const std::string& name,
                            const std::string& content = "data",
                            const std::string& disk_format = "raw") {
        const std::string id = images.create({.name = name, .disk_format = disk_format}).id;
        return images.upload(id, data_of(content));
    }

    [[nodiscard]] std::map<std::string, std::string> files_there() const {
        return entries_of(folder + "/files");
    }

    [[nodiscard]] std::map<std::string, std::string> names_there() const {
        return entries_of(folder + "/names");
    }

    static std::string link_to(const store::Image& image) {
        return "../files/" + image.id + "." + image.disk_format;
    }

    TestFiles files{};
    const std::string folder = files / "parent/images";
};

} // namespace kiln::tests
