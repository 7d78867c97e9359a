#include "image_tree.hpp"
#include "util/text.hpp"
#include "workspace.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::tests {
namespace {

using testing::HasSubstr;

/// What a build of the fake root and the odd files contains.
Tree tree_built_by(User user) {
    Workspace space(user);
    space.must_build({"fake-os", "odd-files"});
    return read_image(space / "out/image.raw");
}

TEST(Image, OfRootAndOfAPlainUserAreTheSame) {
    for (const User user : {User::root, User::plain}) {
        const std::string reason = reason_to_skip(user);
        if (!reason.empty()) {
            GTEST_SKIP() << reason;
        }
    }
    const Tree by_root = tree_built_by(User::root);
    const Tree by_user = tree_built_by(User::plain);
    EXPECT_GT(by_root.size(), 300U);
    EXPECT_EQ(util::join(differences(by_root, by_user), "\n"), "");
}

class OddFiles : public AsUser {};

INSTANTIATE_TEST_SUITE_P(As, OddFiles, testing::Values(User::root, User::plain), user_name);

TEST_P(OddFiles, KeepEverything) {
    const Tree tree = tree_built_by(GetParam());
    EXPECT_THAT(tree.at("/odd/plain"), HasSubstr("104755 33:1234 links=2 size=5 "));
    EXPECT_EQ(tree.at("/odd/plain"), tree.at("/odd/hard-link"));
    EXPECT_THAT(tree.at("/odd/absolute-link"), HasSubstr("120777 0:0 links=1 -> /etc/passwd"));
    EXPECT_THAT(tree.at("/odd/broken-link"), HasSubstr(" -> nowhere"));
    EXPECT_THAT(tree.at("/odd/pipe"), HasSubstr("010644 0:0"));
    EXPECT_THAT(tree.at("/odd/closed"), HasSubstr("040000 65534:65534"));
    // Revision 2: a capability of the whole system, not of a user namespace.
    EXPECT_THAT(tree.at("/odd/capable"), HasSubstr(" security.capability=0100000200040000"));
    EXPECT_THAT(tree.at("/odd/attributes"), HasSubstr(" user.kiln=76616c7565"));
    EXPECT_THAT(tree.at("/odd/sparse"), HasSubstr(" size=5000001 "));
    EXPECT_EQ(tree.count("/odd/a name with blanks/tab\there"), 1U);
}

} // namespace
} // namespace kiln::tests
