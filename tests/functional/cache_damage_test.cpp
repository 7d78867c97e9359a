#include "build_watch.hpp"
#include "cache_watch.hpp"
#include "image_tree.hpp"
#include "util/error.hpp"
#include "util/fd.hpp"
#include "util/text.hpp"

#include <gmock/gmock.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace kiln::tests {
namespace {

using testing::AnyOf;
using testing::HasSubstr;
using testing::IsEmpty;

namespace fs = std::filesystem;

const std::vector<std::string> k_damage_words = {"--env", "FAKE_OS_MEGABYTES=1", "fake-os", "web"};

/// Another byte in a file; its size and time stay.
void flip_bit(const fs::path& file) {
    struct stat info = {};
    ASSERT_EQ(::stat(file.c_str(), &info), 0) << file;
    const util::Fd fd = util::open_file(file.string(), O_RDWR);
    const off_t middle = info.st_size / 2;
    char byte = 0;
    ASSERT_EQ(::pread(fd.get(), &byte, 1, middle), 1);
    byte = static_cast<char>(byte ^ 1);
    ASSERT_EQ(::pwrite(fd.get(), &byte, 1, middle), 1);
    const timespec times[2] = {info.st_atim, info.st_mtim}; // NOLINT(*-avoid-c-arrays)
    ASSERT_EQ(::futimens(fd.get(), times), 0);
}

class DamagedCache : public testing::Test {
protected:
    void SetUp() override {
        if (!reason_to_skip(current_user()).empty()) {
            GTEST_SKIP() << reason_to_skip(current_user());
        }
        space.hook("web", "install.d/50-web", "head -c 20000 /fake-data > /web");
        space.hook("web", "install.d/60-sum", "md5sum /web > /sum");
        // From an empty cache.
        must_build_in(space, k_damage_words);
        fs::copy_file(space / "out/image.raw", expected);
    }

    /// The folder of the layer of a hook.
    [[nodiscard]] fs::path layer(const std::string& hook) const {
        const auto layers = stored_layers(space);
        EXPECT_EQ(layers.count(hook), 1U) << hook;
        return layer_folder(space) / "trees" / layers.find(hook)->second;
    }

    [[nodiscard]] fs::path web() const { return layer("install.d/50-web") / "root/web"; }

    /// Otherwise the output, which is there, or the finished image would do.
    void forget_image() const {
        fs::remove_all(space / "cache/kiln/images");
        fs::remove(space / "out/image.raw");
    }

    [[nodiscard]] Finished verify(const std::vector<std::string>& more = {}) const {
        std::vector<std::string> words = {"cache", "verify"};
        words.insert(words.end(), more.begin(), more.end());
        return space.kiln(words);
    }

    void expect_found_by_verify(const std::string& what) const {
        const Finished result = verify({"--keep"});
        EXPECT_EQ(result.exit_code, 1) << result.out << result.err;
        EXPECT_THAT(result.out, HasSubstr("damaged: " + what));
        EXPECT_THAT(result.out, HasSubstr(", 1 damaged"));
    }

    Finished expect_right_image() const {
        const Finished result = must_build_in(space, k_damage_words);
        expect_same_image(space / "out/image.raw", expected);
        return result;
    }

    void expect_found_by_a_build() const {
        forget_image();
        const Finished result = expect_right_image();
        EXPECT_THAT(result.err, HasSubstr("the stored layer of install.d/50-web is damaged"));
        EXPECT_THAT(missed_in(result.err), testing::Contains("install.d/50-web"));
        expect_clean_cache(space);
        EXPECT_THAT(missed_in(must_build_in(space, k_damage_words).err), IsEmpty());
    }

    Workspace space{};
    std::string expected = space / "expected";
};

TEST_F(DamagedCache, AFlippedBitOfALayer) {
    flip_bit(web());
    expect_found_by_verify("layer install.d/50-web (web)");
    expect_found_by_a_build();
}

TEST_F(DamagedCache, AFlippedBitIsFoundAfterTheMachineStartedAnew) {
    const fs::path folder = layer("install.d/50-web");
    std::string manifest = util::read_file((folder / "manifest.json").string());
    const std::size_t boot = manifest.find("\"boot\": \"");
    ASSERT_NE(boot, std::string::npos);
    manifest.replace(boot + 9, 8, "00000000");
    util::write_all(
        util::open_file((folder / "manifest.json").string(), O_WRONLY).get(), manifest, "manifest");
    flip_bit(folder / "root/web");
    expect_found_by_a_build();
}

TEST_F(DamagedCache, ATruncatedFileOfALayer) {
    fs::resize_file(web(), 17);
    expect_found_by_verify("layer install.d/50-web (web)");
    expect_found_by_a_build();
}

TEST_F(DamagedCache, AFileOfALayerThatIsGone) {
    fs::remove(web());
    expect_found_by_verify("layer install.d/50-web (web)");
    expect_found_by_a_build();
}

TEST_F(DamagedCache, ALayerWhoseTreeIsGone) {
    fs::remove_all(layer("install.d/50-web") / "root");
    expect_found_by_verify("layer install.d/50-web (web)");
    expect_found_by_a_build();
}

TEST_F(DamagedCache, IsRemovedByVerify) {
    flip_bit(web());
    const Finished result = verify();
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_THAT(result.out, HasSubstr("; removed"));
    expect_clean_cache(space);
    forget_image();
    expect_right_image();
}

TEST_F(DamagedCache, ALayerIsDamagedWhileItsImageIsGood) {
    flip_bit(web());
    expect_right_image();
    fs::remove(space / "out/image.raw");
    expect_right_image();
}

TEST_F(DamagedCache, TheLowestLayer) {
    flip_bit(layer("root.d/10-fake-os") / "root/etc/passwd");
    forget_image();
    EXPECT_THAT(expect_right_image().err,
                HasSubstr("the stored layer of root.d/10-fake-os is damaged"));
    expect_clean_cache(space);
}

TEST_F(DamagedCache, ManifestsThatAreSpoilt) {
    for (const std::string& content :
         {std::string(), std::string("{\"format\": 1"), std::string("[]")}) {
        const fs::path manifest = layer("install.d/50-web") / "manifest.json";
        fs::resize_file(manifest, 0);
        util::write_all(util::open_file(manifest.string(), O_WRONLY).get(), content, "manifest");
        expect_found_by_verify("manifest of ");
        forget_image();
        expect_right_image();
        expect_clean_cache(space);
        must_build_in(space, k_damage_words);
        EXPECT_THAT(unpublished(space), IsEmpty()) << content;
    }
}

TEST_F(DamagedCache, TranscriptsThatAreSpoilt) {
    for (const auto& [hook, name] : stored_layers(space)) {
        fs::resize_file(layer_folder(space) / "trees" / name / "inputs.json", 3);
    }
    forget_image();
    expect_right_image();
    space.hook("web", "install.d/60-sum", "md5sum /web > /sum; : changed");
    const Finished result = must_build_in(space, k_damage_words);
    EXPECT_THAT(missed_in(result.err), testing::Contains("install.d/60-sum"));
}

TEST_F(DamagedCache, AnIndexThatIsGone) {
    fs::remove_all(layer_folder(space) / "index");
    forget_image();
    expect_right_image();
    expect_clean_cache(space);
}

TEST_F(DamagedCache, AFinishedImage) {
    fs::remove(space / "out/image.raw");
    for (const std::string& name : space.list("cache/kiln/images/objects")) {
        flip_bit(space / ("cache/kiln/images/objects/" + name));
    }
    expect_found_by_verify("image sha256:");
    expect_right_image();
    expect_clean_cache(space);
}

TEST_F(DamagedCache, AFinishedImageThatIsShorter) {
    fs::remove(space / "out/image.raw");
    for (const std::string& name : space.list("cache/kiln/images/objects")) {
        fs::resize_file(space / ("cache/kiln/images/objects/" + name), 4096);
    }
    expect_right_image();
    expect_clean_cache(space);
}

TEST_F(DamagedCache, RecordsAndNotesThatAreSpoilt) {
    for (const char* content : {"", "{", "[]", "{\"sha256\": 5, \"path\": []}"}) {
        for (const fs::directory_entry& entry :
             fs::recursive_directory_iterator(space / "cache/kiln/images")) {
            if (entry.path().extension() == ".json") {
                fs::resize_file(entry.path(), 0);
                util::write_all(
                    util::open_file(entry.path().string(), O_WRONLY).get(), content, "record");
            }
        }
        expect_right_image();
        fs::remove(space / "out/image.raw");
        expect_right_image();
        expect_clean_cache(space);
    }
}

/// A file system that becomes full, in mounts that only the test's own shell sees.
class FullCache : public testing::Test {
protected:
    /// Builds with little room, then with enough; the second image lies in second.raw. Exit code,
    /// and the messages of the first.
    Finished build_with(int megabytes) {
        const std::string script = space.write(
            "full.sh",
            "set -u\nmount -t tmpfs -o size=90m none cache\nmkdir cache/kiln\n"
            "touch cache/probe; setfattr -n user.kiln -v 1 cache/probe || exit 77\n"
            "rm cache/probe\nhead -c $((90 - " +
                std::to_string(megabytes) +
                "))M /dev/zero > cache/filler\n"
                "cd out\n\"$@\"\nfirst=$?\nmv image.raw first.raw 2> /dev/null\n"
                "rm ../cache/filler\n\"$@\" 2> ../second.err || exit 99\nmv image.raw second.raw\n"
                "\"$1\" cache verify --image-cache ../cache/kiln > ../verify.out || exit 98\n"
                "find ../cache -name '*.draft*' > ../drafts\nexit $first\n",
            0755);
        Program program = cached_build(space, words(), {});
        program.argv.insert(program.argv.begin(), {"unshare", "-m", "bash", script});
        program.directory = space.path().string();
        return Running(program).wait(std::chrono::seconds(90));
    }

    static std::vector<std::string> words() {
        return {"--env", "FAKE_OS_MEGABYTES=6", "fake-os", "web"};
    }

    Workspace space{};
};

TEST_F(FullCache, FailsClearlyOrBuildsWithoutAndIsRightWithRoomAgain) {
    if (::geteuid() != 0) {
        GTEST_SKIP() << "only root can mount a small file system here";
    }
    space.hook("web", "install.d/50-web", "head -c 3000000 /fake-data > /web");
    const std::string expected = build_cold(space, words());
    for (const int megabytes : {1, 8, 14, 18, 22, 28, 36}) {
        SCOPED_TRACE(std::to_string(megabytes) + " MB of room");
        fs::remove(space / "out/first.raw");
        const Finished result = build_with(megabytes);
        if (result.exit_code == 77) {
            GTEST_SKIP() << "no tmpfs with attributes of users here";
        }
        ASSERT_LT(result.exit_code, 90) << result.err << space.read("second.err");
        if (result.exit_code == 0) {
            expect_same_image(space / "out/first.raw", expected);
        } else {
            EXPECT_THAT(result.err, HasSubstr("error: "));
            EXPECT_THAT(result.err,
                        AnyOf(HasSubstr("No space left on device"), HasSubstr("I/O error")));
            EXPECT_FALSE(space.has("out/first.raw"));
        }
        expect_same_image(space / "out/second.raw", expected);
        EXPECT_EQ(space.read("drafts"), "");
        expect_nothing_lies_around(space);
    }
}

} // namespace
} // namespace kiln::tests
