#include "store/directory/database.hpp"
#include "unit/store/directory_store_fixture.hpp"

#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <random>

namespace kiln::tests {
namespace {

using store::ImageFilter;
using store::ImageStatus;
using testing::HasSubstr;
using testing::IsEmpty;
using Names = std::map<std::string, std::string>;

TEST_F(DirectoryStoreTest, MakesItsFolderAndTellsAPersonWhatItIs) {
    store::DirectoryStore images = open();
    EXPECT_EQ(images.describe(), "folder '" + folder + "'");
    EXPECT_TRUE(images.list({}).empty());
    EXPECT_THAT(util::read_file(folder + "/README"),
                HasSubstr("sqlite3 index.sqlite 'select * from overview'"));
}

TEST_F(DirectoryStoreTest, ShowsAPersonEachImageInARow) {
    store::DirectoryStore images = open();
    const std::string id = add(images, "web", "12345").id;
    images.update(id, {.tags = std::set<std::string>{"a", "b"}, .properties = {{"os", "debian"}}});
    store::Database index(folder + "/index.sqlite", std::chrono::seconds(1));
    store::Rows rows =
        index.query("SELECT name, status, hidden, size, tags, properties, file FROM overview");
    ASSERT_TRUE(rows.next());
    std::string row;
    for (int column = 0; column < 7; ++column) {
        row += rows.text(column) + "|";
    }
    EXPECT_EQ(row, "web|active|no|5|a, b|os=debian|files/" + id + ".raw|");
}

TEST_F(DirectoryStoreTest, RefusesAFolderThatIsAFile) {
    files.write("plain", "x");
    for (const char* path : {"plain", "plain/below"}) {
        const util::ErrorInfo error =
            error_of([&] { const store::DirectoryStore images(files / path); });
        EXPECT_THAT(error.what, HasSubstr("plain' is no folder"));
        EXPECT_EQ(error.code, util::ExitCode::usage);
        EXPECT_FALSE(error.hint.empty());
    }
}

TEST_F(DirectoryStoreTest, SaysThatItMayNotWriteAFolder) {
    if (::geteuid() == 0) {
        GTEST_SKIP() << "root may write everywhere";
    }
    { const store::DirectoryStore images = open(); }
    std::filesystem::permissions(folder, std::filesystem::perms(0555));
    const auto action = [&] { open(); };
    EXPECT_EQ(problem_of(action), store::Problem::forbidden);
    EXPECT_EQ(error_of(action).code, util::ExitCode::failed);
    std::filesystem::permissions(folder, std::filesystem::perms(0755));
}

TEST_F(DirectoryStoreTest, RefusesTheIndexOfANewerVersion) {
    { const store::DirectoryStore images = open(); }
    store::Database(folder + "/index.sqlite", std::chrono::seconds(1))
        .execute("PRAGMA user_version = 99");
    const util::ErrorInfo error = error_of([&] { open(); });
    EXPECT_THAT(error.what, HasSubstr("was made by a newer kiln (version 99"));
    EXPECT_FALSE(error.hint.empty());
}

TEST_F(DirectoryStoreTest, KeepsDataWhoseIndexIsLostOrNoIndex) {
    std::string file;
    {
        store::DirectoryStore images = open();
        file = add(images, "web").id + ".raw";
    }
    for (const char* end : {"", "-wal", "-shm"}) {
        std::filesystem::remove(folder + "/index.sqlite" + end);
    }
    EXPECT_EQ(problem_of([&] { open(); }), store::Problem::damaged);
    EXPECT_EQ(problem_of([&] { open(); }), store::Problem::damaged);
    files.write("parent/images/index.sqlite", std::string(5000, 'x'));
    EXPECT_EQ(problem_of([&] { open(); }), store::Problem::damaged);
    EXPECT_EQ(util::read_file(folder + "/files/" + file), "data");
}

TEST_F(DirectoryStoreTest, GivesNamesLinksToTheNewestVisibleImage) {
    store::DirectoryStore images = open();
    const store::Image old = add(images, "web");
    const store::Image current = add(images, "web");
    const store::Image other = add(images, "web", "data", "qcow2");
    images.create({.name = "web"});
    EXPECT_EQ(names_there(), (Names{{"web.raw", link_to(current)}, {"web.qcow2", link_to(other)}}));
    EXPECT_EQ(util::read_file(folder + "/names/web.raw"), "data");
    images.remove(other.id);
    images.update(current.id, {.hidden = true});
    EXPECT_EQ(names_there(), (Names{{"web.raw", link_to(old)}}));
    images.update(current.id, {.hidden = false});
    images.update(old.id, {.name = "web-2026"});
    EXPECT_EQ(names_there(),
              (Names{{"web.raw", link_to(current)}, {"web-2026.raw", link_to(old)}}));
    images.deactivate(current.id);
    EXPECT_EQ(names_there(), (Names{{"web-2026.raw", link_to(old)}}));
    images.reactivate(current.id);
    images.remove(old.id);
    EXPECT_EQ(names_there(), (Names{{"web.raw", link_to(current)}}));
}

TEST_F(DirectoryStoreTest, KeepsLinksOfAwkwardNamesInTheFolderAndApart) {
    store::DirectoryStore images = open();
    std::string longest;
    for (int i = 0; i < 255; ++i) {
        longest += "漢";
    }
    const std::vector<std::string> names = {
        "a/b", "a_b", "..", ".hidden", "new\nline", "/", "../../up", longest, "a b"};
    for (const std::string& name : names) {
        add(images, name, name);
    }
    std::set<std::string> contents;
    for (const auto& [name, target] : names_there()) {
        EXPECT_NE(name.front(), '.');
        contents.insert(util::read_file(folder + "/names/" + name));
    }
    EXPECT_EQ(contents, std::set<std::string>(names.begin(), names.end()));
    EXPECT_EQ(names_there().count("a_b.raw"), 1U);
    EXPECT_EQ(names_there().count("a b.raw"), 1U);
    EXPECT_TRUE(add(images, "", "nameless").is_complete());
    EXPECT_EQ(names_there().size(), names.size());
}

TEST_F(DirectoryStoreTest, RepairsLinksAndSweepsDataThatIsNobodysWhenItIsOpened) {
    const std::string stray = "/files/00000000-0000-4000-8000-000000000000";
    store::Image image;
    {
        store::DirectoryStore images = open();
        image = add(images, "web");
    }
    std::filesystem::remove(folder + "/names/web.raw");
    files.link("../files/nothing.raw", "parent/images/names/gone.raw");
    files.write("parent/images/names/notes.txt", "mine");
    files.link("/somewhere", "parent/images/names/elsewhere");
    files.write("parent/images" + stray + ".raw", "x");
    files.write("parent/images" + stray + ".part", "x");
    files.write("parent/images/files/notes.txt", "mine");
    open();
    EXPECT_EQ(files_there(), (Names{{image.id + ".raw", ""}, {"notes.txt", ""}}));
    EXPECT_EQ(names_there(),
              (Names{{"web.raw", link_to(image)}, {"notes.txt", ""}, {"elsewhere", "/somewhere"}}));
}

TEST_F(DirectoryStoreTest, TellsTheVirtualSizeWhereTheFormatDoes) {
    store::DirectoryStore images = open();
    std::string header = std::string("QFI\xfb") + std::string(20, '\0');
    header += std::string("\0\0\0\x01\x02\0\0\0", 8) + std::string(72, '\0');
    EXPECT_EQ(add(images, "a", header, "qcow2").virtual_size, 0x102000000U);
    EXPECT_EQ(add(images, "b", std::string(104, 'x'), "qcow2").virtual_size, std::nullopt);
    EXPECT_EQ(add(images, "c", "12345", "raw").virtual_size, 5U);
    EXPECT_EQ(add(images, "d", header, "vmdk").virtual_size, std::nullopt);
    EXPECT_EQ(images.list({.name = "a"}).front().virtual_size, 0x102000000U);
}

TEST_F(DirectoryStoreTest, AFullDiskLeavesTheImageQueuedAndNoData) {
    store::DirectoryStore images = open();
    const std::string id = images.create({.name = "web", .disk_format = "raw"}).id;
    const std::string content = noise(4000000, 1);
    rlimit before = {};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
    ::signal(SIGXFSZ, SIG_IGN);
    rlimit small = before;
    small.rlim_cur = 2000000;
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
    const auto action = [&] { images.upload(id, data_of(content)); };
    EXPECT_EQ(problem_of(action), store::Problem::quota);
    const util::ErrorInfo error = error_of(action);
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
    EXPECT_EQ(error.code, util::ExitCode::failed);
    EXPECT_FALSE(error.hint.empty());
    EXPECT_EQ(images.find(id)->status, ImageStatus::queued);
    EXPECT_THAT(files_there(), IsEmpty());
    EXPECT_EQ(images.upload(id, data_of(content)).size, content.size());
}

TEST_F(DirectoryStoreTest, ABrokenUploadLeavesNoFileAndPassesTheCauseOn) {
    store::DirectoryStore images = open();
    const std::string id = images.create({.name = "web"}).id;
    const store::ImageData broken = {.size = 10, .read = [](char*, std::size_t) -> std::size_t {
                                         throw util::Error({.what = "the source is gone"});
                                     }};
    EXPECT_EQ(error_of([&] { images.upload(id, broken); }).what, "the source is gone");
    EXPECT_EQ(images.find(id)->status, ImageStatus::queued);
    EXPECT_THAT(files_there(), IsEmpty());
}

TEST_F(DirectoryStoreTest, RefusesDataThatIsLongerThanItWas) {
    store::DirectoryStore images = open();
    const std::string id = images.create({.name = "web"}).id;
    const std::string content = "longer";
    store::ImageData data = data_of(content);
    data.size = 3;
    EXPECT_EQ(problem_of([&] { images.upload(id, data); }), store::Problem::damaged);
    EXPECT_THAT(files_there(), IsEmpty());
}

TEST_F(DirectoryStoreTest, AnImageThatIsRemovedDuringItsUploadLeavesNothing) {
    store::DirectoryStore images = open();
    const std::string id = images.create({.name = "web"}).id;
    const std::string content = "content";
    store::ImageData data = data_of(content);
    data.read = [&, read = data.read](char* buffer, std::size_t capacity) {
        open().remove(id);
        return read(buffer, capacity);
    };
    EXPECT_EQ(problem_of([&] { images.upload(id, data); }), store::Problem::absent);
    EXPECT_FALSE(images.find(id));
    EXPECT_THAT(files_there(), IsEmpty());
}

TEST_F(DirectoryStoreTest, AnUploadAtWorkIsLeftAloneAndKeepsOthersOut) {
    store::DirectoryStore images = open();
    const std::string id = images.create({.name = "web"}).id;
    const std::string content = "content";
    store::ImageData data = data_of(content);
    data.read = [&, read = data.read](char* buffer, std::size_t capacity) {
        store::DirectoryStore other = open();
        EXPECT_EQ(other.find(id)->status, ImageStatus::saving);
        EXPECT_EQ(other.list({}).front().status, ImageStatus::saving);
        const std::string second = "second";
        EXPECT_EQ(problem_of([&] { other.upload(id, data_of(second)); }), store::Problem::conflict);
        other.update(id, {.name = "renamed"});
        return read(buffer, capacity);
    };
    const store::Image image = images.upload(id, data);
    EXPECT_EQ(image.status, ImageStatus::active);
    EXPECT_EQ(image.name, "renamed");
    expect_sound(folder);
}

TEST_F(DirectoryStoreTest, NoticesDataThatIsDamagedOrGone) {
    store::DirectoryStore images = open();
    const store::Image image = add(images, "web", noise(100000, 1));
    const std::string file = "parent/images/files/" + image.id + ".raw";
    const auto download = [&] { images.download(image.id, files / "out", {}); };
    files.write(file, noise(100000, 2));
    EXPECT_EQ(problem_of(download), store::Problem::damaged);
    files.write(file, noise(99999, 1));
    EXPECT_EQ(problem_of(download), store::Problem::damaged);
    std::filesystem::remove(files / file);
    EXPECT_EQ(problem_of(download), store::Problem::damaged);
    EXPECT_FALSE(files.has("out"));
    EXPECT_FALSE(files.has("out.part"));
}

TEST_F(DirectoryStoreTest, WritesZerosAsHoles) {
    store::DirectoryStore images = open();
    const std::string content(8000000, '\0');
    const std::string id = add(images, "web", content).id;
    images.download(id, files / "out", {});
    for (const std::string& path : {folder + "/files/" + id + ".raw", files / "out"}) {
        struct stat status = {};
        ASSERT_EQ(::stat(path.c_str(), &status), 0);
        EXPECT_EQ(status.st_size, 8000000);
        EXPECT_LT(status.st_blocks * 512, 1000000);
    }
}

TEST_F(DirectoryStoreTest, KeepsTheTimesOfCreationAndOfTheLastChange) {
    std::chrono::system_clock::time_point now{std::chrono::seconds(1795563813)};
    store::DirectoryStore images(folder, {.now = [&] { return now; }});
    const std::string id = images.create({.name = "web"}).id;
    EXPECT_EQ(images.find(id)->created_at, "2026-11-24T23:43:33Z");
    now += std::chrono::seconds(60);
    EXPECT_EQ(images.update(id, {.name = "new"}).updated_at, "2026-11-24T23:44:33Z");
    EXPECT_EQ(images.find(id)->created_at, "2026-11-24T23:43:33Z");
}

TEST_F(DirectoryStoreTest, ListsTheLastMadeFirstWithinOneSecond) {
    const std::chrono::system_clock::time_point now{};
    store::DirectoryStore images(folder, {.now = [&] { return now; }});
    const std::string first = images.create({.name = "web"}).id;
    const std::string second = images.create({.name = "web"}).id;
    images.update(first, {.min_disk = 1});
    const std::vector<store::Image> listed = images.list({});
    ASSERT_EQ(listed.size(), 2U);
    EXPECT_EQ(listed.front().id, second);
}

TEST_F(DirectoryStoreTest, RefusesPropertiesThatAreFieldsAndTextThatIsNone) {
    store::DirectoryStore images = open();
    const std::string id = images.create({.name = "web"}).id;
    for (const char* name : {"status", "checksum", "os_hidden", "owner", ""}) {
        EXPECT_EQ(problem_of([&] {
                      images.update(id, {.properties = {{name, "x"}}});
                  }),
                  store::Problem::invalid)
            << name;
    }
    for (const std::string& text : {std::string("\xff"),
                                    std::string("a\0b", 3),
                                    std::string("\xe6\xbc"),
                                    std::string("\xc0\xaf")}) {
        EXPECT_EQ(problem_of([&] { images.update(id, {.name = text}); }), store::Problem::invalid);
    }
    EXPECT_EQ(images.find(id)->name, "web");
}

TEST_F(DirectoryStoreTest, FiltersAsTheCommonRuleDoes) {
    store::DirectoryStore images = open();
    std::mt19937 random(7);
    const auto pick = [&](const char* letter, unsigned count) {
        return letter + std::to_string(random() % count);
    };
    for (int i = 0; i < 40; ++i) {
        images.create({.name = pick("n", 3),
                       .visibility = random() % 2 == 0 ? store::Visibility::community
                                                       : store::Visibility::shared,
                       .hidden = random() % 3 == 0,
                       .tags = {pick("t", 3), pick("t", 3)},
                       .properties = {{"p", pick("v", 3)}, {pick("q", 2), "v"}}});
    }
    const std::vector<store::Image> all = all_images(images);
    ASSERT_EQ(all.size(), 40U);
    for (int i = 0; i < 100; ++i) {
        ImageFilter filter;
        filter.hidden = random() % 3 == 0 ? ImageFilter::Hidden::only : ImageFilter::Hidden::no;
        filter.name = random() % 2 == 0 ? std::optional(pick("n", 4)) : std::nullopt;
        filter.tags = random() % 2 == 0 ? std::set<std::string>{pick("t", 3), pick("t", 3)}
                                        : std::set<std::string>{};
        if (random() % 2 == 0) {
            filter.properties["p"] = pick("v", 4);
        }
        const auto listed = images.list(filter);
        EXPECT_EQ(listed.size(),
                  static_cast<std::size_t>(
                      std::count_if(all.begin(), all.end(), [&](const store::Image& image) {
                          return store::matches(image, filter);
                      })));
        for (const store::Image& image : listed) {
            EXPECT_TRUE(store::matches(image, filter));
        }
    }
}

} // namespace
} // namespace kiln::tests
