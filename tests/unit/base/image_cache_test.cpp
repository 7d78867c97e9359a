#include "base/file_mark.hpp"
#include "base/image_cache.hpp"
#include "support/memory_reporter.hpp"
#include "unit/util/test_files.hpp"
#include "util/digest.hpp"

#include <gmock/gmock.h>

#include <sys/stat.h>

namespace kiln::tests {
namespace {

namespace fs = std::filesystem;
using base::ImageDigest;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using util::CacheEntry;
using util::EntryLock;

TEST(Prune, RemovesWhatWasNotUsedForLongestUntilTheRestFits) {
    const std::vector<util::CacheEntry> entries = {
        {"new", 10, 3}, {"old", 10, 1}, {"middle", 10, 2}};
    const auto yes = [](const util::CacheEntry&) { return true; };
    EXPECT_THAT(util::prune(entries, 30, yes), IsEmpty());
    EXPECT_THAT(util::prune(entries, 29, yes), ElementsAre("old"));
    EXPECT_THAT(util::prune(entries, 10, yes), ElementsAre("old", "middle"));
    EXPECT_THAT(util::prune(entries, 0, yes), ElementsAre("old", "middle", "new"));
}

TEST(Prune, GoesPastAnEntryInUse) {
    const std::vector<util::CacheEntry> entries = {
        {"new", 10, 3}, {"old", 10, 1}, {"middle", 10, 2}};
    const auto remove = [](const util::CacheEntry& entry) { return entry.name != "old"; };
    EXPECT_THAT(util::prune(entries, 20, remove), ElementsAre("middle"));
}

TEST(EntryLock, IsForManyWhoUseOrForOneWhoChanges) {
    const TestFiles files;
    const std::string path = files / "lock";
    auto first = util::EntryLock::try_take(path, util::EntryLock::Mode::shared);
    auto second = util::EntryLock::try_take(path, util::EntryLock::Mode::shared);
    EXPECT_TRUE(first && second);
    EXPECT_FALSE(util::EntryLock::try_take(path, util::EntryLock::Mode::exclusive));
    first.reset();
    second.reset();
    const auto alone = util::EntryLock::try_take(path, util::EntryLock::Mode::exclusive);
    EXPECT_TRUE(alone);
    EXPECT_FALSE(util::EntryLock::try_take(path, util::EntryLock::Mode::shared));
}

TEST(EntryLock, WaitIsEndedByWhatItsCallerThrows) {
    const TestFiles files;
    const auto alone = util::EntryLock::try_take(files / "lock", util::EntryLock::Mode::exclusive);
    EXPECT_EQ(error_of([&] {
                  util::EntryLock::take(files / "lock", util::EntryLock::Mode::shared, [] {
                      throw util::Error({.what = "enough"});
                  });
              }).what,
              "enough");
}

TEST(EntryLock, OfARemovedFileIsWorthNothing) {
    const TestFiles files;
    const auto removed =
        util::EntryLock::try_take(files / "lock", util::EntryLock::Mode::exclusive);
    fs::remove(files / "lock");
    EXPECT_TRUE(util::EntryLock::try_take(files / "lock", util::EntryLock::Mode::exclusive));
}

TEST(FileMark, IsReadBackAndBrokenTextIsNone) {
    const TestFiles files;
    auto mark = base::mark_of(files.write("file", "text"));
    ASSERT_TRUE(mark);
    mark->origin = "http://host/\xff";
    const auto read = base::mark_from_json(base::to_json(*mark));
    ASSERT_TRUE(read);
    EXPECT_TRUE(read->same_file(*mark));
    EXPECT_FALSE(base::mark_from_json("{}"));
    EXPECT_FALSE(base::mark_from_json("{\"size\": \"x\""));
    EXPECT_FALSE(base::mark_of(files / "none"));
    files.link("file", "link");
    EXPECT_FALSE(base::mark_of(files / "link"));
}

class ImageCache : public testing::Test {
protected:
    static ImageDigest digest(const std::string& content) {
        return *base::digest_from_hex(util::sha256(content));
    }

    base::ImageCache cache(std::uint64_t limit = 1000000) {
        return base::ImageCache(files / "cache", {.limit = limit}, reporter);
    }

    /// What get gives for the digest of `content` when a server has `served`.
    base::ImageInUse get(const std::string& content, const std::string& served) {
        return cache().get(digest(content), "origin", [&](const std::string& file) {
            ++fetches;
            files.write("cache/partial/" + fs::path(file).filename().string(), served);
        });
    }

    [[nodiscard]] std::string image(const std::string& content) const {
        return "cache/images/" + base::digest_name(digest(content));
    }

    [[nodiscard]] bool is_empty(const std::string& folder) const {
        return !fs::exists(files / folder) || fs::is_empty(files / folder);
    }

    TestFiles files{};
    MemoryReporter reporter{};
    int fetches = 0;
};

TEST_F(ImageCache, FetchesOnce) {
    EXPECT_EQ(util::read_file(get("content", "content").path()), "content");
    EXPECT_EQ(util::read_file(get("content", "other").path()), "content");
    EXPECT_EQ(fetches, 1);
    EXPECT_TRUE(is_empty("cache/partial"));
}

TEST_F(ImageCache, KeepsNothingOfWhatHasAnotherDigest) {
    const util::ErrorInfo error = error_of([&] { get("content", "other"); });
    EXPECT_EQ(error.code, util::ExitCode::remote);
    EXPECT_THAT(error.what, HasSubstr("does not have the checksum that it should"));
    EXPECT_TRUE(is_empty("cache/images"));
    EXPECT_TRUE(is_empty("cache/partial"));
    EXPECT_EQ(fetches, 1);
}

TEST_F(ImageCache, FetchesAgainFromTheStartWhenAnOldPartDoesNotFit) {
    int calls = 0;
    files.write("cache/partial/" + base::digest_name(digest("content")), "cont");
    const base::ImageInUse image =
        cache().get(digest("content"), "origin", [&](const std::string& file) {
            ++calls;
            const bool had_part = fs::exists(file);
            files.write("cache/partial/" + fs::path(file).filename().string(),
                        had_part ? "contXXX" : "content");
        });
    EXPECT_EQ(util::read_file(image.path()), "content");
    EXPECT_EQ(calls, 2);
}

TEST_F(ImageCache, KeepsThePartOfADownloadThatFailed) {
    const std::string part = "cache/partial/" + base::digest_name(digest("content"));
    error_of([&] {
        cache().get(digest("content"), "origin", [&](const std::string&) {
            files.write(part, "cont");
            throw util::Error({.what = "cut", .code = util::ExitCode::remote});
        });
    });
    EXPECT_EQ(files.read(part), "cont");
    EXPECT_TRUE(is_empty("cache/images"));
}

TEST_F(ImageCache, KeepsNoPartThatThereWasNoRoomFor) {
    const std::string part = "cache/partial/" + base::digest_name(digest("content"));
    const util::ErrorInfo error = error_of([&] {
        cache().get(digest("content"), "origin", [&](const std::string&) {
            files.write(part, "cont");
            throw util::Error({.what = "No space left on device"});
        });
    });
    EXPECT_THAT(error.hint, HasSubstr("free some space"));
    EXPECT_TRUE(is_empty("cache/partial"));
}

TEST_F(ImageCache, FindsOnlyWhatIsThere) {
    EXPECT_FALSE(cache().find(digest("content")));
    get("content", "content");
    EXPECT_TRUE(cache().find(digest("content")));
}

TEST_F(ImageCache, RemovesAFileThatWasChanged) {
    get("content", "content");
    files.write(image("content"), "CONTENT");
    EXPECT_FALSE(cache().find(digest("content")));
    EXPECT_FALSE(files.has(image("content")));
    EXPECT_THAT(reporter.texts(report::EventKind::warning),
                Contains(HasSubstr("was damaged in the cache")));
}

TEST_F(ImageCache, NoticesAChangeThatKeepsSizeAndTime) {
    get("content", "content");
    struct stat before = {};
    ASSERT_EQ(::stat((files / image("content")).c_str(), &before), 0);
    files.write(image("content"), "CONTENT");
    const timespec times[] = {before.st_atim, before.st_mtim};
    ASSERT_EQ(::utimensat(AT_FDCWD, (files / image("content")).c_str(), times, 0), 0);
    EXPECT_FALSE(cache().find(digest("content")));
}

TEST_F(ImageCache, KeepsAFileThatLooksChangedButIsWhole) {
    get("content", "content");
    files.write(image("content"), "content");
    EXPECT_TRUE(cache().find(digest("content")));
    fs::remove(files / (image("content") + ".json"));
    EXPECT_TRUE(cache().find(digest("content")));
    files.write(image("content") + ".json", "broken");
    EXPECT_TRUE(cache().find(digest("content")));
}

TEST_F(ImageCache, DoesNotFollowALinkInThePlaceOfAnImage) {
    get("content", "content");
    fs::remove(files / image("content"));
    files.write("outside", "content");
    files.link(files / "outside", image("content"));
    EXPECT_FALSE(cache().find(digest("content")));
}

TEST_F(ImageCache, StaysWithinItsLimitButKeepsWhatIsInUse) {
    const auto put = [&](const std::string& content) {
        return cache(150).get(digest(content), "origin", [&](const std::string& file) {
            files.write("cache/partial/" + fs::path(file).filename().string(), content);
        });
    };
    const std::string first(100, '1');
    const std::string second(100, '2');
    const std::string third(100, '3');
    {
        const base::ImageInUse used = put(first);
        put(second);
        EXPECT_TRUE(files.has(image(first)));
    }
    put(third);
    EXPECT_FALSE(files.has(image(first)));
    EXPECT_FALSE(files.has(image(second)));
    EXPECT_TRUE(files.has(image(third)));
    EXPECT_FALSE(files.has(image(first) + ".json"));
}

TEST_F(ImageCache, PartsCountForTheLimitToo) {
    const std::string part = "cache/partial/" + base::digest_name(digest("dead"));
    files.write(part, std::string(2000000, 'x'));
    files.write(part + ".note", "note");
    get("content", "content");
    EXPECT_FALSE(files.has(part));
    EXPECT_FALSE(files.has(part + ".note"));
}

TEST_F(ImageCache, LeavesFilesThatAreNotItsOwn) {
    files.write("cache/images/README", std::string(2000000, 'x'));
    get("content", "content");
    EXPECT_TRUE(files.has("cache/images/README"));
}

} // namespace
} // namespace kiln::tests
