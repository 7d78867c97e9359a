#include "ends.hpp"

#include "build_watch.hpp"

#include <gmock/gmock.h>

#include <signal.h>

#include <algorithm>
#include <array>
#include <filesystem>

namespace kiln::tests {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;

constexpr milliseconds k_limit{2000};

/// Stubborn work with two daemons beside it: one in a session of its own, with a file held open.
constexpr const char* k_stubborn = "trap '' TERM INT HUP\n"
                                   "if [ $HOME = /root ]; then exec 9> /held; fi\n"
                                   "setsid sleep 3600 &\n"
                                   "( ( sleep 3601 & ) & )\n"
                                   "echo standing-still\n"
                                   "sleep 3602\n";

bool is_tool_stop(Stop stop) {
    return stop == Stop::writing_disk || stop == Stop::writing_qcow2;
}

/// A program of that name that writes a little, says so, and stands still.
void plant_tool(Workspace& space, const std::string& name) {
    space.write("bin/" + name,
                "#!/bin/bash\n"
                "[ \"${0##*/}\" = mke2fs ] || echo part > \"${@: -1}\"\n"
                "touch '" +
                    space / "standing-still" + "'\n" + "sleep 3602\n",
                0755);
    space.environment["PATH"] = space / "bin" + ":" + space.environment["PATH"];
}

std::string tool_name(Stop stop) {
    return stop == Stop::writing_disk ? "mke2fs" : "qemu-img";
}

void plant_stop(Workspace& space, Stop stop) {
    if (is_tool_stop(stop)) {
        plant_tool(space, tool_name(stop));
    } else {
        space.hook("still", stop_name(stop) + ".d/50-still", k_stubborn);
    }
}

void lift_stop(Workspace& space) {
    fs::remove_all(space / "bin");
    fs::remove_all(space / "elements/still");
    fs::create_directory(space / "elements/still");
}

bool stands_still(const Workspace& space, Running& build, Stop stop) {
    if (is_tool_stop(stop)) {
        return comes_true(seconds(60), [&] { return space.has("standing-still"); });
    }
    return build.says("standing-still", seconds(60));
}

/// The first of the processes with a name; the program of a stop is the only one of its name.
pid_t named(const std::vector<pid_t>& processes, const std::string& name) {
    const auto has_name = [&](pid_t process) { return process_name(process) == name; };
    return *std::find_if(processes.begin(), processes.end() - 1, has_name);
}

/// A part of a running build. The tree of processes is: kiln, init, worker, and below it the hook's
/// own init and the hook, or a tool.
pid_t target_of(const Running& build, Stop stop, Blow blow) {
    const std::vector<pid_t> processes = descendants(build.pid());
    if (blow == Blow::kill_init) {
        return processes.at(0);
    }
    if (blow == Blow::kill_worker) {
        return processes.at(1);
    }
    if (blow == Blow::kill_work) {
        return is_tool_stop(stop) ? named(processes, tool_name(stop)) : processes.at(2);
    }
    return build.pid();
}

bool hits_kiln(Blow blow) {
    return blow == Blow::interrupt || blow == Blow::terminate || blow == Blow::kill_kiln;
}

int signal_of(Blow blow) {
    if (blow == Blow::interrupt) {
        return SIGINT;
    }
    return blow == Blow::terminate ? SIGTERM : SIGKILL;
}

void expect_end(const Finished& result, Stop stop, Blow blow) {
    if (hits_kiln(blow)) {
        EXPECT_EQ(result.signal, signal_of(blow)) << result.err;
    } else if (blow == Blow::kill_work) {
        EXPECT_EQ(result.exit_code, is_tool_stop(stop) ? 4 : 3) << result.err;
        EXPECT_THAT(result.err, HasSubstr("error: "));
    } else {
        EXPECT_EQ(result.exit_code, 1) << result.err;
        EXPECT_THAT(result.err, HasSubstr("error: the build was ended from outside"));
        EXPECT_THAT(result.err, HasSubstr(" hint: "));
    }
}

} // namespace

std::string stop_name(Stop stop) {
    static constexpr std::array<const char*, 7> k_names = {"root",
                                                           "extra-data",
                                                           "pre-install",
                                                           "install",
                                                           "finalise",
                                                           "writing-disk",
                                                           "writing-qcow2"};
    return k_names.at(static_cast<std::size_t>(stop));
}

std::string blow_name(Blow blow) {
    static constexpr std::array<const char*, 6> k_names = {
        "interrupt", "terminate", "kill-kiln", "kill-init", "kill-worker", "kill-work"};
    return k_names.at(static_cast<std::size_t>(blow));
}

void end_a_build(Stop stop, Blow blow, User user) {
    SCOPED_TRACE(stop_name(stop) + ", " + blow_name(blow));
    Workspace space(user);
    space.write("out/image.qcow2", "the old image");
    space.write("elements/still/README.md", "");
    plant_stop(space, stop);
    const std::string loops = loop_devices();
    std::vector<std::string> words = {"-v", "-t", "qcow2", "fake-os", "still"};
    if (stop == Stop::writing_qcow2) {
        // What kiln's own writer does not have.
        words.insert(words.end(), {"--qemu-img-options", "cluster_size=128k"});
    }
    Running build = space.start_build(words);
    ASSERT_TRUE(stands_still(space, build, stop)) << build.error_so_far();
    const pid_t target = target_of(build, stop, blow);
    const auto start = std::chrono::steady_clock::now();
    ASSERT_EQ(::kill(target, signal_of(blow)), 0);
    const Finished result = build.wait(seconds(20));
    EXPECT_LT(std::chrono::steady_clock::now() - start, k_limit);
    expect_end(result, stop, blow);
    expect_nothing_runs(space);
    EXPECT_EQ(loop_devices(), loops);
    EXPECT_EQ(space.read("out/image.qcow2"), "the old image");
    lift_stop(space);
    space.must_build(words);
    expect_nothing_lies_around(space);
    EXPECT_THAT(space.list_without_records("out"), testing::ElementsAre("image.qcow2"));
    EXPECT_NE(space.read("out/image.qcow2"), "the old image");
}

} // namespace kiln::tests
