#include "unit/archive/tar_builder.hpp"
#include "user_namespace_fixture.hpp"
#include "util/error.hpp"

#include <sys/mount.h>

namespace kiln::tests {
namespace {

using ::testing::HasSubstr;

TEST_F(UnpackInUserNamespace, keeps_owners_capabilities_and_acls) {
    make_source();
    make_ext4();
    inside([this] {
        unpack("ext4.raw");
        struct stat status {};

        ASSERT_EQ(::lstat((files / "target/etc/shadow").c_str(), &status), 0);
        EXPECT_EQ(status.st_uid, 3U);
        EXPECT_EQ(status.st_gid, 42U);
        EXPECT_EQ(attributes_of(files / "target/usr/bin/su"),
                  " security.capability=" +
                      util::sha256(std::string("\1\0\0\2\0\x20\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20)));
        EXPECT_THAT(attributes_of(files / "target/etc/os-release"),
                    HasSubstr("system.posix_acl_access"));
    });
    EXPECT_EQ(shell("stat -c %u:%g target/etc/shadow"), "100003:100042\n");
}

TEST_F(UnpackInUserNamespace, unpacks_a_tar_too) {
    make_source();
    shell("tar -cf root.tar --xattrs --xattrs-include='*' --acls --numeric-owner -C source .");
    inside([this] { EXPECT_GT(unpack("root.tar").entries, 12U); });
    EXPECT_EQ(shell("stat -c %u:%g target/etc/shadow"), "100003:100042\n");
}

TEST_F(UnpackInUserNamespace, tells_an_owner_beyond_its_ids) {
    files.write("x.tar", TarBuilder().add({.name = "x", .user = 70000}, "x").finished());
    inside([this] {
        const util::ErrorInfo error = error_of([&] { unpack("x.tar"); });
        EXPECT_THAT(error.what, HasSubstr("cannot set the owner of 'x' to 70000:0"));
        EXPECT_THAT(error.hint, HasSubstr("subordinate ids"));
    });
}

TEST_F(UnpackInUserNamespace, tells_that_the_disk_is_full) {
    files.write("x.tar", TarBuilder().file("big", std::string(6000000, 'b')).finished());
    inside([this] {
        ASSERT_EQ(::mount("none", (files / "target").c_str(), "tmpfs", 0, "size=4m"), 0);
        EXPECT_THAT(refusal("x.tar"), HasSubstr("disk full"));
    });
}

TEST_F(UnpackInUserNamespace, refuses_a_device_by_itself) {
    files.write("x.tar", TarBuilder().add({.name = "mem", .type = '3'}).finished());
    inside([this] { EXPECT_THAT(refusal("x.tar"), HasSubstr("it is a device")); });
}

} // namespace
} // namespace kiln::tests
