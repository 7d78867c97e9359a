#include "net/partial_file.hpp"
#include "unit/util/test_files.hpp"

#include <gmock/gmock.h>

namespace kiln::tests {
namespace {

using net::PartialFile;
using net::PartialNote;
using testing::ElementsAre;
using testing::IsEmpty;

const PartialNote k_note = {.validators = {.etag = "\"v1\"", .last_modified = "then"}, .total = 10};

TEST(PartialFile, NoteSurvivesBeingWritten) {
    const PartialNote read = net::note_from_text(net::to_text(k_note));
    EXPECT_EQ(read.validators.etag, "\"v1\"");
    EXPECT_EQ(read.validators.last_modified, "then");
    EXPECT_EQ(read.total, 10U);
    EXPECT_TRUE(net::note_from_text("no\nnote\ntotal x\n").validators.empty());
}

TEST(PartialFile, NoteCannotBringHeadersOfItsOwn) {
    const std::string text = net::to_text({.validators = {.etag = "a\r\nX-Evil: 1"}});
    EXPECT_EQ(text.find("Evil"), std::string::npos);
}

TEST(PartialFile, RestIsAskedForOnlyOfTheSameVersion) {
    EXPECT_THAT(net::range_headers(4, k_note), ElementsAre("Range: bytes=4-", "If-Range: \"v1\""));
    EXPECT_THAT(net::range_headers(4, {.validators = {.etag = "W/\"1\"", .last_modified = "then"}}),
                ElementsAre("Range: bytes=4-", "If-Range: then"));
    EXPECT_THAT(net::range_headers(4, {.validators = {.etag = "W/\"weak\""}}), IsEmpty());
    EXPECT_THAT(net::range_headers(4, {}), IsEmpty());
    EXPECT_THAT(net::range_headers(0, k_note), IsEmpty());
}

TEST(PartialFile, GoesOnWhereItEnded) {
    const TestFiles files;
    {
        PartialFile file(files / "part");
        file.restart(k_note);
        file.append("0123");
    }
    PartialFile file(files / "part");
    EXPECT_EQ(file.size(), 4U);
    EXPECT_FALSE(file.is_whole());
    file.append("456789");
    EXPECT_TRUE(file.is_whole());
    EXPECT_EQ(files.read("part"), "0123456789");
}

TEST(PartialFile, BytesWithoutANoteAreThrownAway) {
    const TestFiles files;
    files.write("part", "0123");
    EXPECT_EQ(PartialFile(files / "part").size(), 0U);
    EXPECT_EQ(files.read("part"), "");
}

TEST(PartialFile, MoreBytesThanTheWholeHasAreThrownAway) {
    const TestFiles files;
    files.write("part", "0123456789ABC");
    files.write("part.note", net::to_text(k_note));
    EXPECT_EQ(PartialFile(files / "part").size(), 0U);
}

TEST(PartialFile, IsNotWrittenThroughALink) {
    const TestFiles files;
    files.write("outside", "precious");
    files.link(files / "outside", "part");
    EXPECT_FALSE(error_of([&] { const PartialFile file(files / "part"); }).what.empty());
    EXPECT_EQ(files.read("outside"), "precious");
}

} // namespace
} // namespace kiln::tests
