#pragma once

#include "unpack_fixture.hpp"
#include "util/error.hpp"
#include "util/fd.hpp"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <cstdio>
#include <functional>
#include <iostream>
#include <string>

namespace kiln::tests {

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

} // namespace kiln::tests
