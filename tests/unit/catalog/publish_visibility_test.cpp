#include "catalog/publish.hpp"
#include "store/directory/directory_store.hpp"
#include "store/file_digest.hpp"
#include "support/memory_reporter.hpp"
#include "util/atomic_file.hpp"
#include "util/temp_dir.hpp"

#include <gtest/gtest.h>

#include <filesystem>

namespace kiln::tests {
namespace {

using catalog::Promote;
using catalog::PublishRequest;
using catalog::PublishResult;
using store::Visibility;

class PublishVisibility : public testing::Test {
protected:
    PublishResult publish(const std::string& content,
                          std::optional<Visibility> visibility,
                          Promote promote = Promote::automatic) {
        const std::string path = folder_.path().string() + "/web.raw";
        util::write_file_atomically(path, content);
        const PublishRequest request = {
            .wanted = {.name = "web",
                       .digest = "sha256:" + store::file_digest(path, "sha256"),
                       .size = content.size(),
                       .disk_format = "raw",
                       .visibility = visibility,
                       .tags = {catalog::k_default_tag},
                       .version = content},
            .path = path,
            .policy = {.visibility = visibility},
            .promote = promote};
        return catalog::publish(request, store_, reporter_);
    }

    store::Image image(const std::string& id) { return store_.find(id).value_or(store::Image{}); }

    util::TempDir folder_{std::filesystem::temp_directory_path(), "kiln-publish-"};
    store::DirectoryStore store_{folder_.path().string() + "/store"};
    MemoryReporter reporter_;
};

TEST_F(PublishVisibility, ImageWithTheNameIsUntouchedByOneThatWaits) {
    const std::string current = publish("1", Visibility::public_image).id;
    const PublishResult waiting = publish("2", Visibility::private_image, Promote::manual);
    EXPECT_EQ(waiting.standing, catalog::Standing::candidate);
    EXPECT_EQ(image(current).visibility, Visibility::public_image);
}

TEST_F(PublishVisibility, ImageThatWaitsRemembersWhatWasSaidLast) {
    publish("1", Visibility::private_image);
    publish("2", Visibility::public_image, Promote::manual);
    const std::string id = publish("2", Visibility::community, Promote::manual).id;
    EXPECT_EQ(image(id).property(catalog::key::k_visibility), "community");
    EXPECT_EQ(image(id).visibility, Visibility::private_image);
}

TEST_F(PublishVisibility, ImageWithTheNameGetsAnother) {
    publish("1", Visibility::private_image);
    const std::string id = publish("1", Visibility::community, Promote::manual).id;
    EXPECT_EQ(image(id).visibility, Visibility::community);
}

} // namespace
} // namespace kiln::tests
