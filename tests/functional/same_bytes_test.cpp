#include "image_tree.hpp"
#include "util/text.hpp"
#include "workspace.hpp"

#include <gmock/gmock.h>

#include <array>
#include <optional>

namespace kiln::tests {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr std::array<const char*, 2> k_images = {"out/image.raw", "out/image.qcow2"};

/// What depends on the moment and on the order of things: times of now, names made in any order,
/// several attributes, links to one file from several layers, logs.
void add_hooks(Workspace& space) {
    space.hook("moods",
               "root.d/50-host",
               "date > $TARGET_ROOT/tmp/when\n"
               "mkdir $TARGET_ROOT/from-host\n"
               "seq 50 | shuf | while read -r n; do echo $n > $TARGET_ROOT/from-host/$n; done");
    space.hook("moods",
               "install.d/50-order",
               "mkdir -p /many\n"
               "seq 300 | shuf | while read -r n; do echo $n > /many/$n; done\n"
               "for name in $(echo one two three | tr ' ' '\\n' | shuf); do\n"
               "    setfattr -n user.$name -v $name /many/1\ndone\n"
               "touch -d '1999-12-31 23:59:59' /many/2; touch -d '2035-01-01 00:00:00' /many/3\n"
               "date > /var/log/build.log; echo $RANDOM > /tmp/random");
    space.hook("moods",
               "post-install.d/50-change",
               "ln /many/4 /linked; ln /linked /many/again; rm /many/5; mv /many/6 /many/six\n"
               "seq 7 50 | shuf | while read -r n; do chmod 600 /many/$n; done\n"
               "seq 60 90 | shuf | while read -r n; do rm /many/$n; done\n"
               "rm -r /from-host; mkdir /from-host; touch /from-host/now");
}

class SameBytes : public testing::Test {
protected:
    void SetUp() override {
        if (!reason_to_skip(User::plain).empty() || !reason_to_skip(User::root).empty()) {
            GTEST_SKIP() << "needs root and a plain user";
        }
        first.emplace(User::root);
        build(*first);
    }

    static void build(Workspace& space, const std::vector<std::string>& more = {}) {
        if (!space.has("elements/moods")) {
            add_hooks(space);
        }
        // Identifiers of the disk follow from variables too.
        space.environment["KILN_TEST_MARK"] = "same";
        std::vector<std::string> words = {
            "build", "-n", "-o", "image", "-t", "raw,qcow2", "--env", "FAKE_OS_MEGABYTES=1"};
        words.insert(words.end(), more.begin(), more.end());
        for (const char* element : {"fake-os", "odd-files", "moods"}) {
            words.emplace_back(element);
        }
        const Finished result = space.kiln(words);
        ASSERT_EQ(result.exit_code, 0) << result.err;
    }

    /// A message names the files that differ.
    void expect_same(const Workspace& other) const {
        for (const char* name : k_images) {
            const Answer answer = ask({"cmp", *first / name, other / name});
            EXPECT_EQ(answer.exit_code, 0) << answer.text;
        }
        const Tree left = read_image(*first / k_images[0]);
        EXPECT_EQ(util::join(differences(left, read_image(other / k_images[0])), "\n"), "");
    }

    std::optional<Workspace> first{};
};

TEST_F(SameBytes, ComeFromTwoEmptyCachesAndFromNone) {
    Workspace second(User::root);
    build(second);
    expect_same(second);
    Workspace third(User::root);
    build(third, {"--no-cache"});
    expect_same(third);
}

TEST_F(SameBytes, ComeFromStoredLayers) {
    Workspace warm(User::root);
    build(warm);
    // Neither the outputs nor the images that the cache has.
    fs::remove_all(warm / "cache/kiln/images");
    for (const char* name : k_images) {
        fs::remove(warm / name);
    }
    build(warm, {"--explain"});
    EXPECT_THAT(warm.build_log(), HasSubstr("hit   post-install.d/50-change"));
    expect_same(warm);
}

TEST_F(SameBytes, ComeFromAPlainUser) {
    Workspace plain(User::plain);
    build(plain);
    expect_same(plain);
}

} // namespace
} // namespace kiln::tests
