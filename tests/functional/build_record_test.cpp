#include "cache_watch.hpp"
#include "catalog/build_record.hpp"
#include "image_tree.hpp"

#include <gmock/gmock.h>

#include <fcntl.h>
#include <sys/stat.h>

#include <ctime>

namespace kiln::tests {
namespace {

using catalog::BuildRecord;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;
using testing::Not;

namespace fs = std::filesystem;

class Record : public AsUser {
protected:
    void SetUp() override {
        AsUser::SetUp();
        space.emplace(GetParam());
        space->hook("web",
                    "post-install.d/50-web",
                    "printf 'ID=debian\\nVERSION_ID=\"12\"\\n' > /etc/os-release");
    }

    Finished build(const std::vector<std::string>& more = {},
                   const std::vector<std::string>& elements = {"fake-os", "web"}) const {
        std::vector<std::string> words = more;
        words.insert(words.end(), elements.begin(), elements.end());
        Finished result = space->build(words);
        EXPECT_EQ(result.exit_code, 0) << result.err;
        return result;
    }

    /// The record of an image; it must fit.
    BuildRecord record(const std::string& image = "image.raw") const {
        const std::string path = *space / ("out/" + image);
        const auto found = catalog::read_build_record(path);
        EXPECT_TRUE(found.has_value()) << image;
        const BuildRecord known = found.value_or(BuildRecord{});
        EXPECT_EQ(known.sha256, ask({"sha256sum", path}).text.substr(0, 64)) << image;
        EXPECT_EQ(known.size, fs::file_size(path)) << image;
        return known;
    }

    [[nodiscard]] struct stat status(const std::string& name) const {
        struct stat info = {};
        EXPECT_EQ(::stat((*space / ("out/" + name)).c_str(), &info), 0) << name;
        return info;
    }

    std::optional<Workspace> space{};
};

constexpr const char* k_unchanged = "nothing has changed";

INSTANTIATE_TEST_SUITE_P(As, Record, testing::Values(User::root, User::plain), user_name);

TEST_P(Record, TellsWhatAnImageIsMadeOf) {
    const std::int64_t start = std::time(nullptr);
    const Finished result = build({"-t", "raw,qcow2"});
    EXPECT_EQ(result.out, *space / "out/image.raw" + "\n" + *space / "out/image.qcow2" + "\n");
    const BuildRecord raw = record();
    EXPECT_EQ(raw.format, "raw");
    EXPECT_EQ(raw.disk_size, raw.size);
    EXPECT_THAT(raw.build, MatchesRegex("[0-9a-f]{64}"));
    EXPECT_GE(raw.built, start);
    EXPECT_LE(raw.built, std::time(nullptr));
    EXPECT_THAT(raw.elements, ElementsAre("fake-os", "web"));
    EXPECT_EQ(raw.architecture + "\n", ask({"uname", "-m"}).text);
    EXPECT_EQ(raw.os_distro, "debian");
    EXPECT_EQ(raw.os_version, "12");
    EXPECT_THAT(raw.kiln, MatchesRegex("[0-9]+\\.[0-9]+\\.[0-9]+"));
    const BuildRecord qcow2 = record("image.qcow2");
    EXPECT_EQ(qcow2.format, "qcow2");
    EXPECT_EQ(qcow2.disk_size, raw.size);
    EXPECT_EQ(qcow2.build, raw.build);
}

TEST_P(Record, IsThereForEveryFormat) {
    build({"-t", "vhd,vhdx,vmdk,vdi,tar"});
    for (const char* name : {"image.vhd", "image.vhdx", "image.vmdk", "image.vdi"}) {
        EXPECT_GT(record(name).disk_size, 0U);
    }
    const BuildRecord tar = record("image.tar");
    EXPECT_EQ(tar.format, "tar");
    EXPECT_EQ(tar.disk_size, 0U);
    EXPECT_EQ(tar.os_distro, "debian");
}

TEST_P(Record, HoldsNoSecretAndNoPathOfThisMachine) {
    space->environment["DIB_DEV_USER_PASSWORD"] = "swordfish-9";
    space->environment["WEB_TOKEN"] = "swordfish-9";
    build({"--env", "WEB_TOKEN", "--env", "WEB_WORD=swordfish-9"});
    const std::string text = space->read("out/image.raw.kiln.json");
    EXPECT_THAT(text, Not(HasSubstr("swordfish")));
    EXPECT_THAT(text, Not(HasSubstr("/")));
}

TEST_P(Record, StaysAsItIsWhileNothingChanges) {
    build();
    const struct stat before = status("image.raw.kiln.json");
    EXPECT_THAT(build().err, HasSubstr(k_unchanged));
    // Now by way of the stored image.
    fs::remove_all(*space / "cache/kiln/images/builds");
    EXPECT_THAT(build().err, HasSubstr("holds it already"));
    EXPECT_EQ(status("image.raw.kiln.json").st_ino, before.st_ino);
    record();
}

TEST_P(Record, IsWrittenAnewWhenItIsGoneOrSpoilt) {
    build();
    const BuildRecord before = record();
    const struct stat image = status("image.raw");
    fs::remove(*space / "out/image.raw.kiln.json");
    build();
    EXPECT_EQ(catalog::to_json(record()), catalog::to_json(before));
    EXPECT_THAT(build().err, HasSubstr(k_unchanged));
    space->write("out/image.raw.kiln.json", "{}");
    build();
    EXPECT_EQ(catalog::to_json(record()), catalog::to_json(before));
    EXPECT_EQ(status("image.raw").st_ino, image.st_ino);
}

TEST_P(Record, IsWrittenAnewWhenTheImageWasTouched) {
    build();
    const BuildRecord before = record();
    ASSERT_EQ(::utimensat(AT_FDCWD, (*space / "out/image.raw").c_str(), nullptr, 0), 0);
    EXPECT_FALSE(catalog::read_build_record(*space / "out/image.raw").has_value());
    build();
    const BuildRecord after = record();
    EXPECT_EQ(after.sha256, before.sha256);
    EXPECT_NE(after.modified, before.modified);
    EXPECT_EQ(after.built, before.built);
    EXPECT_THAT(build().err, HasSubstr(k_unchanged));
}

TEST_P(Record, ComesWithAnImageFromTheCacheUnderAnotherName) {
    build();
    const BuildRecord before = record();
    // Times are in seconds.
    ::sleep(1);
    const Finished result = build({"-o", "other"});
    EXPECT_THAT(result.err, HasSubstr("from the cache"));
    const BuildRecord other = record("other.raw");
    EXPECT_EQ(other.sha256, before.sha256);
    EXPECT_EQ(other.built, before.built);
    EXPECT_EQ(other.build, before.build);
    EXPECT_EQ(other.disk_size, before.disk_size);
    EXPECT_EQ(other.os_distro, "debian");
    EXPECT_EQ(other.os_version, "12");
    // A further format is of the same build.
    build({"-t", "qcow2"});
    EXPECT_EQ(record("image.qcow2").built, before.built);
    EXPECT_EQ(record("image.qcow2").build, before.build);
}

TEST_P(Record, NamesTheElementsOfTheBuildThatRanLast) {
    space->write("elements/all/element-deps", "web\n");
    build({}, {"fake-os", "web", "all"});
    EXPECT_THAT(record().elements, ElementsAre("fake-os", "web", "all"));
    const std::string sum = record().sha256;
    build({}, {"fake-os", "all"});
    EXPECT_THAT(record().elements, ElementsAre("fake-os", "all"));
    build({}, {"fake-os", "web", "all"});
    EXPECT_THAT(record().elements, ElementsAre("fake-os", "web", "all"));
    EXPECT_THAT(build({}, {"fake-os", "web", "all"}).err, HasSubstr(k_unchanged));
}

TEST_P(Record, IsThereWithoutTheCacheAndWithoutAKey) {
    build({"--no-cache"});
    const BuildRecord first = record();
    EXPECT_EQ(first.build, "");
    EXPECT_EQ(first.os_distro, "debian");
    build({"--no-cache", "--checksum"});
    EXPECT_EQ(record().sha256, first.sha256);
    EXPECT_EQ(space->read("out/image.raw.sha256"), first.sha256 + "  image.raw\n");
}

TEST_P(Record, OfATreeWithoutASystemHasNoNameOfOne) {
    build({}, {"fake-os"});
    EXPECT_EQ(record().os_distro, "");
    EXPECT_EQ(record().os_version, "");
}

TEST_P(Record, AndChecksumsFitAnImageFromTheCacheToo) {
    build({"--checksum"});
    for (const char* name : {"image.raw", "image.raw.md5", "image.raw.kiln.json"}) {
        fs::remove(*space / (std::string("out/") + name));
    }
    EXPECT_THAT(missed_in(build({"--checksum", "--explain"}).err), IsEmpty());
    record();
    const Answer sums = ask(
        {"bash", "-c", "cd " + *space / "out" + " && md5sum -c *.md5 && sha256sum -c *.sha256"});
    EXPECT_EQ(sums.exit_code, 0) << sums.text;
}

} // namespace
} // namespace kiln::tests
