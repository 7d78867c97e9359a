#include "cache_watch.hpp"
#include "image_tree.hpp"
#include "util/fd.hpp"

#include <gmock/gmock.h>

#include <fcntl.h>
#include <sys/stat.h>

namespace kiln::tests {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

namespace fs = std::filesystem;

const std::vector<std::string> k_output_words = {"--env", "FAKE_OS_MEGABYTES=1", "fake-os", "web"};

class CachedOutput : public AsUser {
protected:
    void SetUp() override {
        AsUser::SetUp();
        space.emplace(GetParam());
        space->hook("web", "install.d/50-web", "echo web > /web");
        must_build_in(*space, k_output_words);
        fs::copy_file(*space / "out/image.raw", *space / "expected");
        before = status();
    }

    [[nodiscard]] struct stat status(const std::string& name = "out/image.raw") const {
        struct stat info = {};
        EXPECT_EQ(::stat((*space / name).c_str(), &info), 0) << name;
        return info;
    }

    void expect_expected(const std::string& name = "out/image.raw") const {
        expect_same_image(*space / name, *space / "expected");
    }

    std::optional<Workspace> space{};
    struct stat before = {};
};

INSTANTIATE_TEST_SUITE_P(As, CachedOutput, testing::Values(User::root, User::plain), user_name);

TEST_P(CachedOutput, StaysInPlaceWhenNothingChanged) {
    const Finished result = must_build_in(*space, k_output_words);
    EXPECT_THAT(missed_in(result.err), IsEmpty());
    EXPECT_EQ(status().st_ino, before.st_ino);
    EXPECT_EQ(status().st_mtim.tv_sec, before.st_mtim.tv_sec);
    EXPECT_EQ(status().st_mtim.tv_nsec, before.st_mtim.tv_nsec);
    EXPECT_THAT(result.out, HasSubstr("image.raw"));
    EXPECT_THAT(space->list_without_records("out"), ElementsAre("image.raw"));
}

TEST_P(CachedOutput, IsWrittenAgainAfterAHandChangedItAndItsTime) {
    {
        const util::Fd fd = util::open_file(*space / "out/image.raw", O_RDWR);
        char byte = 0;
        ASSERT_EQ(::pread(fd.get(), &byte, 1, 4096 + 1024), 1);
        byte = static_cast<char>(byte ^ 1);
        ASSERT_EQ(::pwrite(fd.get(), &byte, 1, 4096 + 1024), 1);
        const timespec times[2] = {before.st_atim, before.st_mtim}; // NOLINT(*-avoid-c-arrays)
        ASSERT_EQ(::futimens(fd.get(), times), 0);
    }
    ASSERT_NE(ask({"cmp", *space / "out/image.raw", *space / "expected"}).exit_code, 0);
    must_build_in(*space, k_output_words);
    expect_expected();
}

TEST_P(CachedOutput, ComesBackFromTheCache) {
    fs::remove(*space / "out/image.raw");
    const Finished result = must_build_in(*space, k_output_words);
    EXPECT_THAT(missed_in(result.err), IsEmpty());
    expect_expected();
    // And stays from then on.
    const struct stat again = status();
    must_build_in(*space, k_output_words);
    EXPECT_EQ(status().st_ino, again.st_ino);
}

TEST_P(CachedOutput, IsHandedOutUnderAnotherName) {
    std::vector<std::string> words = {"build", "-n", "-o", "other", "-t", "raw", "--explain"};
    words.insert(words.end(), k_output_words.begin(), k_output_words.end());
    const Finished result = space->kiln(words);
    ASSERT_EQ(result.exit_code, 0) << result.err;
    EXPECT_THAT(missed_in(result.err), IsEmpty());
    expect_expected("out/other.raw");
    EXPECT_EQ(status().st_ino, before.st_ino);
}

TEST_P(CachedOutput, GetsOneMoreFormatWithoutAHook) {
    std::vector<std::string> words = {"build", "-n", "-o", "image", "-t", "raw,qcow2", "--explain"};
    words.insert(words.end(), k_output_words.begin(), k_output_words.end());
    const Finished result = space->kiln(words);
    ASSERT_EQ(result.exit_code, 0) << result.err;
    EXPECT_THAT(missed_in(result.err), IsEmpty());
    expect_expected();
    EXPECT_EQ(status().st_ino, before.st_ino);
    const Answer same = ask({"qemu-img",
                             "compare",
                             "-f",
                             "raw",
                             "-F",
                             "qcow2",
                             *space / "expected",
                             *space / "out/image.qcow2"});
    EXPECT_EQ(same.exit_code, 0) << same.text;
    // Both come back.
    fs::remove(*space / "out/image.raw");
    fs::rename(*space / "out/image.qcow2", *space / "qcow2");
    ASSERT_EQ(space->kiln(words).exit_code, 0);
    expect_expected();
    expect_same_image(*space / "out/image.qcow2", *space / "qcow2");
}

TEST_P(CachedOutput, IsMadeAnewWithoutTheCache) {
    std::vector<std::string> words = k_output_words;
    words.emplace_back("--no-cache");
    const auto layers = stored_layers(*space);
    const Finished result = must_build_in(*space, words);
    EXPECT_NE(status().st_ino, before.st_ino);
    expect_expected();
    EXPECT_EQ(stored_layers(*space), layers);
}

} // namespace
} // namespace kiln::tests
