#include "unit/archive/tar_builder.hpp"
#include "unpack_fixture.hpp"
#include "util/error.hpp"

#include <sched.h>
#include <sys/mount.h>

#include <cstdlib>
#include <functional>
#include <iostream>

namespace kiln::tests {
namespace {

using ::testing::HasSubstr;

/// Unpacks as the sandbox of a plain user does: root of a user namespace with 65536 ids.
class UnpackInUserNamespace : public UnpackTest {
protected:
    static constexpr const char* k_first_id = "100000";

    void inside(const std::function<void()>& body) {
        shell(std::string("chown ") + k_first_id + ":" + k_first_id + " target . ; chmod 755 .");
        std::cout.flush();
        const util::Pipe ready = util::make_pipe();
        const pid_t child = process::fork_into_namespaces(CLONE_NEWUSER | CLONE_NEWNS);
        if (child == 0) {
            ::_exit(run_child(ready, body));
        }
        const std::string folder = "/proc/" + std::to_string(child);
        for (const char* name : {"/uid_map", "/gid_map"}) {
            const util::Fd map = util::open_file(folder + name, O_WRONLY);
            util::write_all(map.get(), std::string("0 ") + k_first_id + " 65536", name);
        }
        util::write_all(ready.write.get(), "x", "a pipe");
        EXPECT_EQ(process::wait_for(child), 0);
    }

private:
    static int run_child(const util::Pipe& ready, const std::function<void()>& body) {
        char byte = 0;
        if (::read(ready.read.get(), &byte, 1) != 1 || ::setgid(0) != 0 || ::setuid(0) != 0) {
            return 1;
        }
        try {
            body();
        } catch (const std::exception& error) {
            ADD_FAILURE() << "threw: " << error.what();
        }
        std::cout.flush();
        std::fflush(stdout);
        return HasFailure() ? 1 : 0;
    }
};

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

TEST_F(UnpackInUserNamespace, says_at_once_that_it_cannot_make_an_appliance) {
    files.write("disk.raw", "XFSB" + std::string(100000, 'x'));
    ::unsetenv("LIBGUESTFS_PATH");
    inside([this] {
        const util::ErrorInfo error = error_of([&] { unpack("disk.raw"); });
        EXPECT_THAT(error.what, HasSubstr("cannot be made in a user namespace"));
        EXPECT_EQ(error.code, util::ExitCode::tool);
    });
}

TEST_F(UnpackInUserNamespace, refuses_a_device_by_itself) {
    files.write("x.tar", TarBuilder().add({.name = "mem", .type = '3'}).finished());
    inside([this] { EXPECT_THAT(refusal("x.tar"), HasSubstr("it is a device")); });
}

} // namespace
} // namespace kiln::tests
