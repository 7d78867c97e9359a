#include "util/digest.hpp"

#include <gtest/gtest.h>

namespace kiln::tests {
namespace {

using util::Digest;
using util::DigestKind;

std::string digest(DigestKind kind, std::string_view data) {
    Digest digest(kind);
    digest.update(data);
    return digest.finish();
}

// RFC 1321 A.5, FIPS 180-2 B.1 and C.1.
TEST(DigestTest, GivesTheKnownAnswers) {
    EXPECT_EQ(digest(DigestKind::md5, "abc"), "900150983cd24fb0d6963f7d28e17f72");
    EXPECT_EQ(util::sha256("abc"),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(digest(DigestKind::sha512, "abc").substr(0, 32), "ddaf35a193617abacc417349ae204131");
    EXPECT_EQ(util::sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(DigestTest, FeedsRunsOfZerosAsIfWritten) {
    for (const std::size_t count :
         {std::size_t{0}, std::size_t{1}, std::size_t{65'536}, std::size_t{200'001}}) {
        Digest zeros(DigestKind::sha256);
        zeros.update("head");
        zeros.update_zeros(count);
        EXPECT_EQ(zeros.finish(), util::sha256("head" + std::string(count, '\0'))) << count;
    }
}

TEST(DigestTest, DoesNotDependOnThePieces) {
    Digest pieces(DigestKind::sha256);
    pieces.update("a");
    pieces.update("");
    Digest moved = std::move(pieces);
    moved.update("bc");
    EXPECT_EQ(moved.finish(), util::sha256("abc"));
}

} // namespace
} // namespace kiln::tests
