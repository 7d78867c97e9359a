#include "base_mirror.hpp"
#include "util/fd.hpp"
#include "workspace.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace kiln::tests {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

/// kiln tool fetch-image.
class FetchImage : public testing::Test {
protected:
    FetchImage() {
        space.environment["DIB_IMAGE_CACHE"] = space / "cache";
        mirror.publish("base.raw", "one");
    }

    [[nodiscard]] Finished fetch() const { return space.kiln({"tool", "fetch-image", copy()}); }

    /// It succeeds, and the copy is the image that is served.
    void must_fetch() const {
        const Finished result = fetch();
        ASSERT_EQ(result.exit_code, 0) << result.err;
        EXPECT_EQ(result.out, copy() + "\n");
        EXPECT_EQ(util::read_file(copy()), util::read_file(mirror.file("base.raw")));
    }

    [[nodiscard]] std::string copy() const { return space / "out/base.img"; }

    [[nodiscard]] fs::file_time_type time() const { return fs::last_write_time(copy()); }

    static void spoil(const std::string& file) {
        std::fstream(file, std::ios::in | std::ios::out).seekp(5000).write("X", 1);
    }

    Workspace space{};
    BaseMirror mirror{space};
};

TEST_F(FetchImage, CopiesTheVerifiedImageOnce) {
    must_fetch();
    const auto before = time();
    must_fetch();
    EXPECT_EQ(time(), before);
    EXPECT_EQ(mirror.answers("base.raw"), 1);
    EXPECT_THAT(space.list("out"), testing::ElementsAre(".base.img.kiln-copy", "base.img"));
}

TEST_F(FetchImage, RenewsACopyThatWasChanged) {
    must_fetch();
    spoil(copy());
    must_fetch();
    space.write("out/base.img", "short");
    must_fetch();
    fs::remove(copy());
    must_fetch();
    space.write("out/.base.img.kiln-copy", "no note");
    must_fetch();
    EXPECT_EQ(mirror.answers("base.raw"), 1);
}

TEST_F(FetchImage, CopiesANewerImage) {
    must_fetch();
    mirror.publish("base.raw", "two");
    must_fetch();
    EXPECT_EQ(mirror.answers("base.raw", 200), 2);
}

TEST_F(FetchImage, KeepsTheCopyWhenTheNewImageIsWrong) {
    must_fetch();
    const std::string before = util::read_file(copy());
    mirror.publish("base.raw", "two");
    spoil(mirror.file("base.raw"));
    const Finished result = fetch();
    EXPECT_EQ(result.exit_code, 5);
    EXPECT_THAT(result.err, HasSubstr("does not have the checksum"));
    EXPECT_EQ(result.out, "");
    EXPECT_EQ(util::read_file(copy()), before);
}

TEST_F(FetchImage, TakesAFileOfThisMachine) {
    space.environment["DIB_LOCAL_IMAGE"] = mirror.file("base.raw");
    must_fetch();
    const auto before = time();
    must_fetch();
    EXPECT_EQ(time(), before);
    mirror.publish("base.raw", "two");
    must_fetch();
    EXPECT_TRUE(mirror.log().empty());
}

TEST_F(FetchImage, PrintsThePathInTheCacheWithoutATarget) {
    const Finished result = space.kiln({"tool", "fetch-image"});
    ASSERT_EQ(result.exit_code, 0) << result.err;
    EXPECT_THAT(result.out, HasSubstr("/base-images/images/sha256-"));
    const std::string path = result.out.substr(0, result.out.size() - 1);
    EXPECT_EQ(util::read_file(path), util::read_file(mirror.file("base.raw")));
}

TEST_F(FetchImage, RefusesAFolderAndTwoPaths) {
    const Finished folder = space.kiln({"tool", "fetch-image", space / "out"});
    EXPECT_EQ(folder.exit_code, 2);
    EXPECT_THAT(folder.err, HasSubstr("is a folder"));
    EXPECT_EQ(space.kiln({"tool", "fetch-image", "a", "b"}).exit_code, 2);
}

} // namespace
} // namespace kiln::tests
