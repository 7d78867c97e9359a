#include "disk/raw_file.hpp"
#include "inspect/filesystem_facts.hpp"
#include "support.hpp"
#include "util/text.hpp"

#include <set>

namespace kiln::inspect {
namespace {

std::string value(const Properties& facts, const std::string& name) {
    for (const auto& [key, value] : facts) {
        if (key == name) {
            return value;
        }
    }
    return "none";
}

class FilesystemFacts : public testing::Test {
protected:
    /// Of a new file of so many MiB that a program makes a filesystem in.
    Properties facts_of(std::vector<std::string> maker, std::uint64_t mebibytes) {
        disk::RawFile::create(path, mebibytes * 1024 * 1024);
        maker.push_back(path);
        tests::output_of(maker);
        const disk::RawFile raw = disk::RawFile::open_readable(path);
        return filesystem_facts(disk::probe_filesystem(raw, {.offset = 0, .size = raw.size()}),
                                raw.read(0, k_filesystem_head));
    }

    /// What util-linux says.
    [[nodiscard]] std::string blkid(const std::string& tag) const {
        return std::string(
            util::trim(tests::output_of({"blkid", "-p", "-o", "value", "-s", tag, path})));
    }

    tests::TestFiles files;
    std::string path = files / "disk";
};

TEST_F(FilesystemFacts, of_ext_are_those_of_dumpe2fs) {
    for (const char* type : {"ext2", "ext3", "ext4"}) {
        const Properties facts = facts_of({"mke2fs", "-q", "-t", type, "-L", "a label"}, 8);
        EXPECT_EQ(value(facts, "type"), type);
        EXPECT_EQ(value(facts, "uuid"), blkid("UUID"));
        EXPECT_EQ(value(facts, "label"), "a label");
        EXPECT_EQ(value(facts, "size"), "8388608");
        const std::string listing = tests::output_of({"dumpe2fs", "-h", path});
        const std::size_t at = listing.find("Filesystem features:");
        std::set<std::string> expected;
        for (const std::string& word :
             util::split_words(listing.substr(at + 20, listing.find('\n', at) - at - 20))) {
            expected.insert("feature " + word);
        }
        std::set<std::string> found;
        for (const auto& [key, ignored] : facts) {
            if (key.starts_with("feature ")) {
                found.insert(key);
            }
        }
        EXPECT_EQ(found, expected) << type;
        EXPECT_EQ(value(facts, "further features"), "none");
    }
}

TEST_F(FilesystemFacts, of_fat_are_those_of_blkid) {
    for (const char* bits : {"12", "16", "32"}) {
        const Properties facts = facts_of({"mkfs.vfat", "-F", bits, "-n", "EFI"}, 64);
        EXPECT_EQ(value(facts, "type"), "FAT" + std::string(bits));
        EXPECT_EQ(value(facts, "uuid"), blkid("UUID"));
        EXPECT_EQ(value(facts, "label"), "EFI");
        EXPECT_EQ(value(facts, "size"), "67108864");
    }
}

TEST_F(FilesystemFacts, of_others_are_those_of_blkid) {
    const std::vector<std::vector<std::string>> makers = {{"mkfs.xfs", "-q", "-L", "name"},
                                                          {"mkfs.btrfs", "-q", "-L", "name"},
                                                          {"mkswap", "-q", "-L", "name"}};
    for (const std::vector<std::string>& maker : makers) {
        const Properties facts = facts_of(maker, 320);
        EXPECT_EQ(value(facts, "type"), blkid("TYPE")) << maker.front();
        EXPECT_EQ(value(facts, "uuid"), blkid("UUID")) << maker.front();
        EXPECT_EQ(value(facts, "label"), "name") << maker.front();
        if (maker.front() != "mkswap") {
            EXPECT_EQ(value(facts, "size"), "335544320") << maker.front();
        }
    }
}

TEST_F(FilesystemFacts, of_a_head_that_ends_too_early_are_empty) {
    for (const auto kind : {disk::ProbedFilesystem::ext,
                            disk::ProbedFilesystem::xfs,
                            disk::ProbedFilesystem::btrfs,
                            disk::ProbedFilesystem::vfat,
                            disk::ProbedFilesystem::luks,
                            disk::ProbedFilesystem::squashfs}) {
        EXPECT_NE(value(filesystem_facts(kind, "short"), "type"), "none");
    }
    EXPECT_TRUE(filesystem_facts(disk::ProbedFilesystem::unknown, "").empty());
}

} // namespace
} // namespace kiln::inspect
