#include "check/scratch.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace kiln::check {
namespace {

namespace fs = std::filesystem;

TEST(Scratch, is_gone_at_its_end) {
    const util::TempDir parent("/tmp", "kiln-test-");
    {
        const Scratch scratch(parent.path());
        EXPECT_TRUE(fs::is_directory(scratch.path()));
    }
    EXPECT_TRUE(fs::is_empty(parent.path()));
}

TEST(Scratch, of_a_dead_run_is_removed_by_the_next) {
    const util::TempDir parent("/tmp", "kiln-test-");
    const fs::path dead = parent.path() / "kiln-boot-dead00";
    fs::create_directory(dead);
    std::ofstream(dead / "lock").close();
    std::ofstream(dead / "disk.raw") << "large";
    const Scratch scratch(parent.path());
    EXPECT_FALSE(fs::exists(dead));
}

TEST(Scratch, of_a_run_that_is_alive_stays) {
    const util::TempDir parent("/tmp", "kiln-test-");
    const Scratch first(parent.path());
    const Scratch second(parent.path());
    EXPECT_TRUE(fs::is_directory(first.path()));
}

TEST(Scratch, leaves_folders_of_others_alone) {
    const util::TempDir parent("/tmp", "kiln-test-");
    fs::create_directory(parent.path() / "kiln-boot-notes");
    fs::create_directory(parent.path() / "other");
    EXPECT_EQ(sweep_scratch(parent.path()), 0);
}

} // namespace
} // namespace kiln::check
