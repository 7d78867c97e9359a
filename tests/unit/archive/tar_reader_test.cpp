#include "archive/tar_reader.hpp"
#include "tar_builder.hpp"
#include "unit/util/test_files.hpp"

#include <gmock/gmock.h>

#include <map>
#include <vector>

namespace kiln::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

/// Keeps what it gets.
class MemorySink : public util::TreeSink {
public:
    void add(const util::TreeEntry& entry) override { entries.push_back(entry); }

    void data(std::uint64_t offset, std::string_view bytes) override {
        std::string& content = contents[entries.back().path];
        content.resize(std::max<std::size_t>(content.size(), offset + bytes.size()), '.');
        content.replace(offset, bytes.size(), bytes);
    }

    void finish() override { finished = true; }

    std::vector<util::TreeEntry> entries{};
    std::map<std::string, std::string> contents{};
    bool finished = false;
};

class TarReader : public ::testing::Test {
protected:
    void read(const std::string& bytes) {
        const util::Fd fd = util::open_file(files.write("x.tar", bytes), O_RDONLY);
        archive::read_tar({.fd = fd.get(), .name = "x.tar"}, sink);
    }

    std::string refusal(const std::string& bytes) {
        const std::string what = error_of([&] { read(bytes); }).what;
        EXPECT_FALSE(sink.finished);
        return what;
    }

    TestFiles files{};
    MemorySink sink{};
};

TEST_F(TarReader, gives_entries_in_order_with_what_they_are) {
    read(TarBuilder()
             .folder("./etc/")
             .add({.name = "./etc/shadow", .mode = 0640, .user = 3, .group = 42}, "secret")
             .link("./etc/mtab", "/proc/mounts")
             .hard_link("./etc/again", "./etc/shadow")
             .add({.name = "./run/pipe", .type = '6'})
             .finished());
    ASSERT_THAT(sink.entries, SizeIs(5));
    EXPECT_EQ(sink.entries[0].type, util::EntryType::directory);
    EXPECT_EQ(sink.entries[1].path, "./etc/shadow");
    EXPECT_EQ(sink.entries[1].mode, 0640U);
    EXPECT_EQ(sink.entries[1].user, 3U);
    EXPECT_EQ(sink.entries[1].group, 42U);
    EXPECT_EQ(sink.entries[1].modified.seconds, 1700000000);
    EXPECT_EQ(sink.contents["./etc/shadow"], "secret");
    EXPECT_EQ(sink.entries[2].target, "/proc/mounts");
    EXPECT_EQ(sink.entries[3].type, util::EntryType::hard_link);
    EXPECT_EQ(sink.entries[3].target, "./etc/shadow");
    EXPECT_EQ(sink.entries[4].type, util::EntryType::fifo);
    EXPECT_TRUE(sink.finished);
}

TEST_F(TarReader, takes_names_and_attributes_from_pax_records) {
    read(TarBuilder()
             .record("path", "etc/F\xc5\x91tan\xc3\xba.pem")
             .record("SCHILY.xattr.user.colour", "blue")
             .file("x")
             .finished());
    ASSERT_THAT(sink.entries, SizeIs(1));
    EXPECT_EQ(sink.entries[0].path, "etc/F\xc5\x91tan\xc3\xba.pem");
}

TEST_F(TarReader, keeps_the_bytes_of_an_extended_attribute) {
    read(TarBuilder().record("SCHILY.xattr.user.colour", "blue").file("x").finished());
    ASSERT_THAT(sink.entries, SizeIs(1));
    ASSERT_THAT(sink.entries[0].attributes, SizeIs(1));
    EXPECT_EQ(sink.entries[0].attributes[0].name, "user.colour");
    EXPECT_EQ(sink.entries[0].attributes[0].value, "blue");
}

TEST_F(TarReader, makes_the_attribute_of_an_acl) {
    read(TarBuilder()
             .record("SCHILY.acl.access", "user::rw-,user:x:r--:7,group::r--,mask::r--,other::---")
             .file("x")
             .finished());
    ASSERT_THAT(sink.entries.at(0).attributes, SizeIs(1));
    EXPECT_EQ(sink.entries[0].attributes[0].name, "system.posix_acl_access");
    EXPECT_EQ(sink.entries[0].attributes[0].value.substr(0, 20),
              std::string("\2\0\0\0\1\0\6\0\xff\xff\xff\xff\2\0\4\0\7\0\0\0", 20));
}

TEST_F(TarReader, refuses_an_acl_that_names_someone_without_an_id) {
    EXPECT_THAT(refusal(TarBuilder()
                            .record("SCHILY.acl.access",
                                    "user::rw-,user:mia:r--,group::r--,mask::r--,other::---")
                            .file("x")
                            .finished()),
                HasSubstr("names someone without an id"));
}

TEST_F(TarReader, refuses_what_is_no_tar) {
    EXPECT_THAT(refusal("this is a text, and a long one" + std::string(2000, 'x')),
                HasSubstr("cannot read 'x.tar' as a tar"));
}

TEST_F(TarReader, refuses_a_file_that_is_cut_off) {
    const std::string whole = TarBuilder().file("a", std::string(5000, 'a')).finished();
    EXPECT_THAT(refusal(whole.substr(0, 3000)), HasSubstr("runcated"));
}

TEST_F(TarReader, refuses_an_archive_that_ends_between_two_files) {
    EXPECT_THAT(refusal(TarBuilder().file("a").file("b").unfinished()),
                HasSubstr("cannot read 'x.tar' as a tar"));
}

TEST_F(TarReader, refuses_a_header_with_a_wrong_checksum) {
    std::string bytes = TarBuilder().file("a").file("b").finished();
    bytes[1024] = 'z';
    EXPECT_THAT(refusal(bytes), HasSubstr("cannot read 'x.tar' as a tar"));
}

TEST_F(TarReader, gives_up_when_a_pipe_is_silent) {
    const util::Pipe pipe = util::make_pipe();
    const std::string what =
        error_of([&] {
            archive::read_tar(
                {.fd = pipe.read.get(), .name = "pipe", .patience = std::chrono::milliseconds(50)},
                sink);
        }).what;
    EXPECT_THAT(what, HasSubstr("nothing came for too long"));
}

} // namespace
} // namespace kiln::tests
