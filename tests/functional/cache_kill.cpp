#include "cache_kill.hpp"

#include "build_watch.hpp"
#include "cache_watch.hpp"

#include <gmock/gmock.h>

#include <signal.h>

#include <cstdlib>
#include <iostream>
#include <random>
#include <thread>

namespace kiln::tests {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::Each;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

/// About what a build takes that makes nothing.
constexpr milliseconds k_unchanged{250};

const std::vector<std::string> k_words = {"steps"};

/// Less than fake-os has: most builds here make it anew.
constexpr const char* k_root =
    "cd $TARGET_ROOT\nmkdir -p bin etc dev proc sys tmp run root usr/bin var/tmp\n"
    "cp /bin/busybox bin/busybox\ncp /bin/bash bin/bash\n"
    "ldd /bin/bash | grep -o '/[^ ]*' | while read -r library; do\n"
    "    install -D $library .$library\ndone\n"
    "for name in head md5sum mkdir rm mv; do ln -s busybox bin/$name; done\n"
    "for i in $(seq 40000); do echo $i; done > fake-data";

/// Hooks that build upon one another, on the host and in the chroot.
void write_elements(Workspace& space) {
    space.write("elements/steps/element-provides", "operating-system\n");
    space.hook("steps", "root.d/10-root", k_root);
    space.hook("steps", "root.d/50-first", "echo first > $TARGET_ROOT/steps");
    space.hook(
        "steps", "pre-install.d/50-grow", "head -c 100000 /fake-data > /part\necho 1 >> /steps");
    for (int number = 1; number <= 4; ++number) {
        space.hook("steps",
                   "install.d/5" + std::to_string(number) + "-step",
                   "md5sum /part /steps > /sum-" + std::to_string(number) +
                       "\necho step >> /steps\nmkdir -p /many\nfor i in 1 2 3 4 5 6 7 8 9; do\n"
                       "    md5sum /steps > /many/" +
                       std::to_string(number) + "-$i\ndone");
    }
    space.hook("steps", "post-install.d/50-remove", "rm -r /part /many/1-1\nmv /many /moved");
    space.hook("steps", "finalise.d/50-last", "md5sum /moved/* > /sum-last");
}

void end_build(Running& build, unsigned way) {
    const pid_t process = build.pid();
    if (way == 0) {
        ::kill(process, SIGINT);
    } else if (way == 1) {
        for (const pid_t other : descendants(process)) {
            ::kill(other, SIGKILL);
        }
        ::kill(process, SIGKILL);
    } else {
        ::kill(process, SIGKILL);
    }
    build.wait(seconds(20));
}

unsigned seed_of_kills() {
    const char* given = std::getenv("KILN_SEED"); // NOLINT(concurrency-mt-unsafe)
    return given == nullptr ? std::random_device()() : static_cast<unsigned>(std::stoul(given));
}

/// Mostly removes some of what is stored, so that the next build has something to do; says whether.
bool forget_some(const Workspace& space, std::mt19937& random) {
    if (random() % 4 == 0) {
        return false;
    }
    // Hundredths of what one build needs, in GB.
    const std::string size =
        random() % 2 == 0 ? "0.000001" : "0.00" + std::to_string(1 + random() % 8);
    const Finished result = space.kiln({"cache", "prune", "--cache-size", size});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return true;
}

} // namespace

void kill_at_random_moments(int moments, User user) {
    const unsigned seed = seed_of_kills();
    std::cout << "KILN_SEED=" << seed << std::endl;
    std::mt19937 random(seed);
    Workspace space(user);
    write_elements(space);
    const auto start = std::chrono::steady_clock::now();
    const std::string expected = build_cold(space, k_words);
    const auto longest =
        std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - start);
    must_build_in(space, k_words);
    for (int number = 0; number < moments && !testing::Test::HasFailure(); ++number) {
        const milliseconds range = forget_some(space, random) ? longest : k_unchanged;
        std::filesystem::remove(space / "out/image.raw");
        const milliseconds moment(random() % static_cast<unsigned>(range.count()));
        const unsigned way = static_cast<unsigned>(random()) % 5;
        SCOPED_TRACE("KILN_SEED=" + std::to_string(seed) + ", number " + std::to_string(number) +
                     ", after " + std::to_string(moment.count()) + " ms, way " +
                     std::to_string(way));
        Running build(cached_build(space, k_words, {}));
        std::this_thread::sleep_for(moment);
        end_build(build, way);
        must_build_in(space, k_words);
        expect_same_image(space / "out/image.raw", expected);
    }
    expect_clean_cache(space);
    must_build_in(space, k_words);
    EXPECT_THAT(unpublished(space), IsEmpty());
    EXPECT_THAT(space.list("cache/kiln/images"), Each(Not(StartsWith("draft-"))));
    expect_nothing_runs(space);
    expect_nothing_lies_around(space);
}

} // namespace kiln::tests
