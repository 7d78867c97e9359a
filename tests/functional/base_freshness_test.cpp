#include "base_mirror.hpp"
#include "cache_watch.hpp"
#include "image_tree.hpp"

#include <gmock/gmock.h>

namespace kiln::tests {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* k_root = "root.d/50-base-image";

/// The layer that a base image was unpacked to.
class BaseLayer : public testing::Test {
protected:
    void SetUp() override { mirror.publish("base.raw", "one"); }

    std::vector<std::string> made(const std::vector<std::string>& more = {}) {
        std::vector<std::string> words = more;
        words.emplace_back("on-base");
        said = must_build_in(space, words).err;
        return missed_in(said);
    }

    [[nodiscard]] std::string marker() const {
        return read_from_image(space / "out/image.raw", "/marker").value_or("");
    }

    void must_be_refused(const std::string& text) const {
        const Finished result = build_in(space, {"on-base"});
        EXPECT_EQ(result.exit_code, 5) << result.err;
        EXPECT_THAT(result.err, HasSubstr(text));
        EXPECT_THAT(result.err, HasSubstr("--freshness=pinned"));
        EXPECT_THAT(answers_in(result.err), IsEmpty());
    }

    Workspace space{};
    BaseMirror mirror{space};
    std::string said{};
};

TEST_F(BaseLayer, IsUsedWhileTheListHasTheSameImage) {
    EXPECT_THAT(made(), Contains(k_root));
    EXPECT_THAT(made(), IsEmpty());
    // A new signature, and one more image.
    mirror.list();
    EXPECT_THAT(made(), IsEmpty());
    mirror.publish("other.raw", "other");
    EXPECT_THAT(made(), IsEmpty());
    EXPECT_EQ(mirror.answers("base.raw"), 1);
}

TEST_F(BaseLayer, IsMadeAgainForANewImage) {
    made();
    mirror.publish("base.raw", "two");
    EXPECT_THAT(made(), Contains(k_root));
    EXPECT_THAT(said, HasSubstr("base.raw is another image now"));
    EXPECT_EQ(marker(), "two\n");
    EXPECT_THAT(made(), IsEmpty());
}

TEST_F(BaseLayer, OfAListThatCannotBeAskedIsNotUsedWithoutAWord) {
    made();
    mirror.fault("/SHA256SUMS busy 100");
    must_be_refused("SHA256SUMS");
    EXPECT_THAT(made({"--freshness=pinned"}), IsEmpty());
    EXPECT_THAT(made({"--offline"}), IsEmpty());
    EXPECT_EQ(marker(), "one\n");
}

TEST_F(BaseLayer, OfAListSignedByAnotherKeyIsNotUsed) {
    made();
    mirror.list("other");
    must_be_refused("SHA256SUMS");
}

TEST_F(BaseLayer, IsMadeAgainForAnotherPlaceOfImages) {
    ASSERT_EQ(ask({"bash", "-c", "mkdir $1.old && cp $1* $1.old", "-", mirror.file("")}).exit_code,
              0);
    mirror.publish("base.raw", "two");
    made();
    EXPECT_EQ(marker(), "two\n");
    space.environment["DIB_CLOUD_IMAGES"] += "/.old";
    EXPECT_THAT(made(), Contains(k_root));
    EXPECT_EQ(marker(), "one\n");
}

TEST_F(BaseLayer, OfAFileOfThisMachineFollowsItsContent) {
    const std::string file = mirror.file("base.raw");
    space.environment["DIB_LOCAL_IMAGE"] = file;
    EXPECT_THAT(made(), Contains(k_root));
    EXPECT_THAT(made(), IsEmpty());
    fs::last_write_time(file, fs::file_time_type::clock::now());
    EXPECT_THAT(made(), IsEmpty());
    mirror.publish("base.raw", "two");
    EXPECT_THAT(made(), Contains(k_root));
    EXPECT_EQ(marker(), "two\n");
    EXPECT_THAT(mirror.log(), IsEmpty());
}

} // namespace
} // namespace kiln::tests
