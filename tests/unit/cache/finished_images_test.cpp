#include "cache/finished_images.hpp"
#include "unit/util/test_files.hpp"
#include "util/digest.hpp"

#include <gmock/gmock.h>

#include <sys/stat.h>
#include <unistd.h>

namespace kiln::tests {
namespace {

namespace fs = std::filesystem;
using cache::FinishedImages;
using cache::ImageRecord;
using testing::IsEmpty;
using testing::SizeIs;

class FinishedImagesTest : public testing::Test {
protected:
    void SetUp() override {
        files.write("image", content);
        // ctime advances with the tick of the kernel: what follows must be a later moment.
        ::usleep(20000);
    }

    static ImageRecord record(const std::string& key, const std::string& file_digest) {
        return {.key = key,
                .files = {{"raw", {.digest = file_digest, .size = 5, .mode = 0644}}},
                .disk_size = 77,
                .layers = {{.title = "install.d/50-x", .element = "web", .layer = "b.1"}},
                .layer_store = "/store"};
    }

    void set_back_time(const std::string& name, const struct stat& info) const {
        const timespec times[2] = {info.st_atim, info.st_mtim}; // NOLINT(*-avoid-c-arrays)
        ASSERT_EQ(::utimensat(AT_FDCWD, (files / name).c_str(), times, 0), 0);
    }

    [[nodiscard]] struct stat status(const std::string& name) const {
        struct stat info = {};
        EXPECT_EQ(::stat((files / name).c_str(), &info), 0);
        return info;
    }

    [[nodiscard]] std::string object() const { return "store/objects/" + digest; }

    const std::string content = "the image";
    const std::string digest = util::sha256(content);
    TestFiles files{};
    FinishedImages images{files / "store"};
};

TEST_F(FinishedImagesTest, RememberARecord) {
    images.put(record("k", digest));
    const auto found = images.find("k");
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->files.at("raw").digest, digest);
    EXPECT_EQ(found->disk_size, 77U);
    EXPECT_EQ(found->layers.at(0).layer, "b.1");
    EXPECT_FALSE(images.find("another").has_value());
}

TEST_F(FinishedImagesTest, AddFormatsToARecord) {
    images.put(record("k", digest));
    ImageRecord more = record("k", "d2");
    more.files = {{"qcow2 zstd", {.digest = "d2"}}};
    images.put(more);
    EXPECT_THAT(images.find("k")->files, SizeIs(2));
}

TEST_F(FinishedImagesTest, KnowWhenAnImageWasFirstMadeAndItsSystem) {
    ImageRecord first = record("k", digest);
    first.created = 1234;
    first.os_distro = "debian";
    first.os_version = "12";
    images.put(first);
    ImageRecord more = record("k", "d2");
    more.files = {{"qcow2 zstd", {.digest = "d2"}}};
    images.put(more);
    const auto found = images.find("k");
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->created, 1234);
    EXPECT_EQ(found->os_distro, "debian");
    EXPECT_EQ(found->os_version, "12");
}

TEST_F(FinishedImagesTest, ReadRecordsThatDoNotNameTheSystem) {
    images.put(record("k", digest));
    std::string text = files.read("store/records/k.json");
    for (const std::string name : {"os_distro", "os_version"}) {
        ASSERT_NE(text.find(name), std::string::npos) << text;
        text.replace(text.find(name), name.size(), "other");
    }
    files.write("store/records/k.json", text);
    const auto found = images.find("k");
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->os_distro, "");
    EXPECT_EQ(found->disk_size, 77U);
}

TEST_F(FinishedImagesTest, TakeASpoiltRecordForNone) {
    images.put(record("k", digest));
    const std::string whole = files.read("store/records/k.json");
    for (const std::string& text :
         {std::string(), std::string("{"), whole.substr(0, whole.size() / 2), std::string("[1]")}) {
        files.write("store/records/k.json", text);
        EXPECT_FALSE(images.find("k").has_value()) << text;
        EXPECT_THAT(images.records(), IsEmpty()) << text;
    }
    images.put(record("other", digest));
    fs::copy_file(files / "store/records/other.json",
                  files / "store/records/k.json",
                  fs::copy_options::overwrite_existing);
    EXPECT_FALSE(images.find("k").has_value());
}

TEST_F(FinishedImagesTest, HandOutWhatTheyTook) {
    images.add_object(files / "image", digest);
    EXPECT_TRUE(images.is_intact(digest));
    EXPECT_TRUE(images.copy_object(digest, files / "copy"));
    EXPECT_EQ(files.read("copy"), content);
    EXPECT_FALSE(images.copy_object(util::sha256("another"), files / "none"));
    EXPECT_FALSE(files.has("none"));
}

TEST_F(FinishedImagesTest, NeverHandOutADamagedObject) {
    images.add_object(files / "image", digest);
    files.write(object(), "the imagf");
    EXPECT_FALSE(images.is_intact(digest));
    EXPECT_FALSE(images.copy_object(digest, files / "copy"));
    EXPECT_FALSE(files.has("copy"));
    EXPECT_FALSE(files.has(object()));
}

TEST_F(FinishedImagesTest, TakeADamagedObjectAnew) {
    images.add_object(files / "image", digest);
    files.write(object(), "short");
    EXPECT_FALSE(images.copy_object(digest, files / "copy"));
    images.add_object(files / "image", digest);
    EXPECT_TRUE(images.copy_object(digest, files / "copy"));
}

TEST_F(FinishedImagesTest, KnowAnOutputThatHoldsTheImage) {
    images.note_output(files / "image", digest);
    EXPECT_TRUE(images.is_output(files / "image", digest));
    EXPECT_FALSE(images.is_output(files / "image", util::sha256("another")));
    EXPECT_FALSE(images.is_output(files / "other", digest));
}

TEST_F(FinishedImagesTest, DoNotTrustAnOutputThatWasTouched) {
    images.note_output(files / "image", digest);
    ASSERT_EQ(::utimensat(AT_FDCWD, (files / "image").c_str(), nullptr, 0), 0);
    EXPECT_FALSE(images.is_output(files / "image", digest));
}

TEST_F(FinishedImagesTest, DoNotTrustAnOutputThatWasRewrittenWithItsOldTime) {
    const struct stat info = status("image");
    images.note_output(files / "image", digest);
    files.write("image", "the imagf");
    set_back_time("image", info);
    EXPECT_FALSE(images.is_output(files / "image", digest));
}

TEST_F(FinishedImagesTest, DoNotTrustAnotherFileInItsPlace) {
    const struct stat info = status("image");
    images.note_output(files / "image", digest);
    files.write("second", "the imagf");
    set_back_time("second", info);
    fs::rename(files / "second", files / "image");
    EXPECT_FALSE(images.is_output(files / "image", digest));
    fs::remove(files / "image");
    EXPECT_FALSE(images.is_output(files / "image", digest));
    fs::create_symlink(files / "store", files / "image");
    EXPECT_FALSE(images.is_output(files / "image", digest));
}

TEST_F(FinishedImagesTest, DoNotTrustAnOutputWithASecondName) {
    // Who has the other name could write there; making it changes ctime.
    images.note_output(files / "image", digest);
    fs::create_hard_link(files / "image", files / "second");
    EXPECT_FALSE(images.is_output(files / "image", digest));
}

TEST_F(FinishedImagesTest, DoNotTrustASpoiltNote) {
    images.note_output(files / "image", digest);
    for (const fs::directory_entry& entry : fs::directory_iterator(files / "store/outputs")) {
        files.write("store/outputs/" + entry.path().filename().string(), "{\"sha256\": 1}");
    }
    EXPECT_NO_THROW(EXPECT_FALSE(images.is_output(files / "image", digest)));
    EXPECT_NO_THROW(images.forget_the_lost());
}

TEST_F(FinishedImagesTest, FindTheNewestRecordOfAFile) {
    images.put(record("old", digest));
    images.put(record("new", digest));
    images.put(record("another", "d2"));
    std::string text = files.read("store/records/old.json");
    const std::string mark = "\"created\": 1";
    ASSERT_NE(text.find(mark), std::string::npos);
    files.write("store/records/old.json",
                text.replace(text.find(mark), mark.size(), "\"created\": 0"));
    const auto found = images.find_by_file(digest);
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->key, "new");
    EXPECT_FALSE(images.find_by_file("d3").has_value());
}

TEST_F(FinishedImagesTest, ForgetRecordsAndOutputsThatAreLost) {
    images.add_object(files / "image", digest);
    images.put(record("kept", digest));
    images.put(record("lost", "d2"));
    images.note_output(files / "image", digest);
    files.write("second", "x");
    images.note_output(files / "second", util::sha256("x"));
    fs::remove(files / "second");
    images.forget_the_lost();
    EXPECT_TRUE(images.find("kept").has_value());
    EXPECT_FALSE(images.find("lost").has_value());
    EXPECT_TRUE(images.is_output(files / "image", digest));
    EXPECT_EQ(std::distance(fs::directory_iterator(files / "store/outputs"), {}), 1);
}

TEST_F(FinishedImagesTest, KeepARecordAsLongAsOneOfItsFilesIsThere) {
    images.add_object(files / "image", digest);
    ImageRecord both = record("k", digest);
    both.files["qcow2 zstd"] = {.digest = "d2"};
    images.put(both);
    images.forget_the_lost();
    EXPECT_TRUE(images.find("k").has_value());
    EXPECT_TRUE(images.remove_object(digest));
    images.forget_the_lost();
    EXPECT_FALSE(images.find("k").has_value());
}

TEST_F(FinishedImagesTest, RemoveWhatAKilledBuildLeftHalfWritten) {
    files.write("store/draft-1/half", "the im");
    {
        const auto other =
            util::EntryLock::take(files / "store/writing", util::EntryLock::Mode::shared);
        images.forget_the_lost();
        EXPECT_TRUE(files.has("store/draft-1/half"));
        // Which keeps nobody from writing.
        images.add_object(files / "image", digest);
    }
    images.forget_the_lost();
    EXPECT_FALSE(files.has("store/draft-1"));
    EXPECT_TRUE(images.is_intact(digest));
}

TEST_F(FinishedImagesTest, AreClosedToOthers) {
    EXPECT_EQ(status("store").st_mode & 0777, 0700U);
}

} // namespace
} // namespace kiln::tests
