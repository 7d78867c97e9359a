#include "catalog/apply.hpp"
#include "catalog/publish.hpp"
#include "store/directory/directory_store.hpp"
#include "store/file_digest.hpp"
#include "util/atomic_file.hpp"
#include "util/temp_dir.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>

namespace kiln::tests {
namespace {

using catalog::PublishResult;
using catalog::Standing;

/// Does something once when a step is told that begins with a word.
class Interloper : public report::Reporter {
public:
    Interloper(std::string word, std::function<void()> act)
        : word_(std::move(word)), act_(std::move(act)) {}

    void handle(const report::Event& event) override {
        if (act_ && event.text.rfind(word_, 0) == 0) {
            const std::function<void()> act = std::exchange(act_, nullptr);
            act();
        }
    }

    [[nodiscard]] bool acted() const { return act_ == nullptr; }

private:
    std::string word_;
    std::function<void()> act_;
};

class PublishRace : public testing::Test {
protected:
    void SetUp() override { publish("1"); }

    PublishResult publish(const std::string& content) {
        Interloper nobody("never", nullptr);
        return publish(content, nobody);
    }

    PublishResult publish(const std::string& content, report::Reporter& reporter) {
        const std::string path = folder_.path().string() + "/" + content + ".raw";
        util::write_file_atomically(path, content);
        store::DirectoryStore store(folder_.path().string() + "/store");
        const catalog::PublishRequest request = {
            .wanted = {.name = "web",
                       .digest = "sha256:" + store::file_digest(path, "sha256"),
                       .size = content.size(),
                       .disk_format = "raw",
                       .tags = {catalog::k_default_tag},
                       .version = content},
            .path = path};
        return catalog::publish(request, store, reporter);
    }

    /// Publishes while another does when the first has done the step that begins with the word.
    PublishResult race(const std::string& word, const std::string& own, const std::string& others) {
        Interloper interloper(word, [&] { other_ = publish(others); });
        PublishResult result = publish(own, interloper);
        EXPECT_TRUE(interloper.acted());
        return result;
    }

    /// The ids of the visible images of the name.
    std::vector<std::string> named() {
        store::DirectoryStore store(folder_.path().string() + "/store");
        std::vector<std::string> ids;
        for (const store::Image& image : store.list({.name = "web"})) {
            ids.push_back(image.id);
        }
        return ids;
    }

    std::size_t count() {
        store::DirectoryStore store(folder_.path().string() + "/store");
        return catalog::read_family(store, catalog::k_default_tag, "web").images.size();
    }

    util::TempDir folder_{std::filesystem::temp_directory_path(), "kiln-race-"};
    PublishResult other_;
};

TEST_F(PublishRace, NameIsLeftToTheOneThatPlannedLast) {
    const PublishResult own = race("hide", "2", "3");
    EXPECT_EQ(other_.standing, Standing::current);
    EXPECT_EQ(own.standing, Standing::older);
    EXPECT_EQ(named(), std::vector<std::string>{other_.id});
    EXPECT_EQ(count(), 3U);
}

TEST_F(PublishRace, EarlierOneIsToldThatItLostTheName) {
    const PublishResult own = race("make", "2", "3");
    EXPECT_EQ(own.standing, Standing::older);
    EXPECT_EQ(named(), std::vector<std::string>{other_.id});
    EXPECT_EQ(count(), 3U);
}

} // namespace
} // namespace kiln::tests
