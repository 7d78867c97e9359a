#include "archive/acl_attribute.hpp"
#include "inspect/visible_text.hpp"

#include <gtest/gtest.h>

namespace kiln::inspect {
namespace {

TEST(VisibleText, keeps_what_can_be_shown) {
    EXPECT_EQ(visible_text("usr/share/F\xc5\x91tan\xc3\xba.pem"),
              "usr/share/F\xc5\x91tan\xc3\xba.pem");
    EXPECT_EQ(visible_text("\xe2\x82\xac \xf0\x9f\x98\x80"), "\xe2\x82\xac \xf0\x9f\x98\x80");
}

TEST(VisibleText, lets_no_terminal_be_controlled) {
    EXPECT_EQ(visible_text("a\x1b[31mb\n\x7f"), "a\\x1b[31mb\\x0a\\x7f");
    EXPECT_EQ(visible_text("\xc2\x9b"), "\\xc2\\x9b");
}

TEST(VisibleText, is_utf8_whatever_the_bytes) {
    EXPECT_EQ(visible_text("\xff"), "\\xff");
    EXPECT_EQ(visible_text("\xc0\xaf"), "\\xc0\\xaf");
    EXPECT_EQ(visible_text("\xed\xa0\x80"), "\\xed\\xa0\\x80");
    EXPECT_EQ(visible_text("\xe2\x82"), "\\xe2\\x82");
    EXPECT_EQ(visible_text("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");
}

TEST(VisibleText, can_be_turned_back) {
    EXPECT_EQ(visible_text("\\x41"), "\\\\x41");
}

TEST(AttributeText, names_capabilities_as_getcap_does) {
    // setcap cap_net_raw=ep
    const std::string two("\x01\0\0\x02\0\x20\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20);
    EXPECT_EQ(attribute_text("security.capability", two), "cap_net_raw=ep");
    const std::string three("\0\0\0\x03\x01\0\0\0\0\0\0\0\x80\0\0\0\0\0\0\0\xe8\x03\0\0", 24);
    EXPECT_EQ(attribute_text("security.capability", three), "cap_chown,cap_bpf=p [rootid=1000]");
    EXPECT_EQ(attribute_text("security.capability", "odd"), "odd");
}

TEST(AttributeText, writes_access_lists_as_getfacl_does) {
    using archive::AclTag;
    const std::string value =
        archive::acl_attribute({{.tag = AclTag::user_obj, .permissions = 6},
                                {.tag = AclTag::user, .permissions = 4, .id = 1234},
                                {.tag = AclTag::group_obj, .permissions = 0},
                                {.tag = AclTag::mask, .permissions = 7},
                                {.tag = AclTag::other, .permissions = 1}});
    EXPECT_EQ(attribute_text("system.posix_acl_access", value),
              "user::rw-,user:1234:r--,group::---,mask::rwx,other::--x");
    EXPECT_EQ(attribute_text("system.posix_acl_access", "\x01"), "\\x01");
}

TEST(AttributeText, leaves_the_zero_at_the_end_out) {
    EXPECT_EQ(attribute_text("security.selinux", std::string("etc_t\0", 6)), "etc_t");
    EXPECT_EQ(attribute_text("user.empty", ""), "");
}

} // namespace
} // namespace kiln::inspect
