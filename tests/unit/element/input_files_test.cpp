#include "element/input_files.hpp"
#include "unit/util/test_files.hpp"
#include "util/digest.hpp"

#include <gmock/gmock.h>

#include <unistd.h>

namespace kiln::tests {
namespace {

using element::describe_input_files;
using element::digest_of_inputs;
using ::testing::ElementsAre;
using ::testing::Pair;

class InputFiles : public ::testing::Test {
protected:
    [[nodiscard]] std::string digest() const {
        return digest_of_inputs({files / "d", files / "f"});
    }

    TestFiles files{};
};

TEST_F(InputFiles, AreDescribedByKindModeAndContent) {
    files.write("d/a", "1\n", 0640);
    files.link("a", "d/b");
    files.link("none", "d/c");
    EXPECT_THAT(describe_input_files({files / "d", files / "f"}),
                ElementsAre(Pair(files / "d", "folder 755"),
                            Pair(files / "d/a", "file 640 " + util::sha256("1\n")),
                            Pair(files / "d/b", "link a, file 640 " + util::sha256("1\n")),
                            Pair(files / "d/c", "link none, broken"),
                            Pair(files / "f", "absent")));
}

TEST_F(InputFiles, AnyChangeGivesAnotherDigest) {
    files.directory("d");
    std::set<std::string> digests{digest()};
    const auto is_new = [&] { return digests.insert(digest()).second; };
    EXPECT_FALSE(is_new());
    files.write("f", "1\n");
    EXPECT_TRUE(is_new());
    files.write("f", "2\n");
    EXPECT_TRUE(is_new());
    files.write("f", "2\n", 0600);
    EXPECT_TRUE(is_new());
    files.write("d/x", "");
    EXPECT_TRUE(is_new());
    files.write("d/y", "");
    EXPECT_TRUE(is_new());
    std::filesystem::remove(files.path() / "d/x");
    files.link("y", "d/x");
    EXPECT_TRUE(is_new());
    std::filesystem::remove_all(files.path() / "d");
    EXPECT_TRUE(is_new());
}

TEST_F(InputFiles, WhatALinkLeadsToCounts) {
    files.write("d/real", "1\n");
    files.link(files / "d", "f");
    const std::string before = digest_of_inputs({files / "f"});
    files.write("d/real", "2\n");
    EXPECT_NE(digest_of_inputs({files / "f"}), before);
}

TEST_F(InputFiles, LinksThatLeadBackEnd) {
    files.directory("d");
    files.link(".", "d/again");
    files.link("self", "d/self");
    EXPECT_EQ(describe_input_files({files / "d"}).size(), 3U);
}

TEST_F(InputFiles, PipesAreNotRead) {
    files.directory("d");
    ASSERT_EQ(::mkfifo((files / "d/pipe").c_str(), 0600), 0);
    EXPECT_THAT(describe_input_files({files / "d/pipe"}),
                ElementsAre(Pair(files / "d/pipe", "special 600")));
}

TEST_F(InputFiles, WhatMayNotBeReadIsToldByItsSize) {
    if (::geteuid() == 0) {
        GTEST_SKIP() << "root may read everything";
    }
    files.write("f", "1\n", 0);
    const std::string before = digest_of_inputs({files / "f"});
    files.write("g", "12\n", 0);
    EXPECT_NE(describe_input_files({files / "g"}).begin()->second,
              describe_input_files({files / "f"}).begin()->second);
    EXPECT_EQ(digest_of_inputs({files / "f"}), before);
}

} // namespace
} // namespace kiln::tests
