#include "base/checksum_list.hpp"
#include "unit/util/test_files.hpp"

#include <gmock/gmock.h>

namespace kiln::tests {
namespace {

using base::ChecksumList;
using testing::HasSubstr;

const std::string k_a(64, 'a');
const std::string k_b(64, 'b');
const std::string k_c(128, 'c');

ChecksumList parse(const std::string& text) {
    return ChecksumList::parse(text, "http://host/SUMS");
}

std::string refusal(const std::string& text) {
    const util::ErrorInfo error = error_of([&] { parse(text); });
    EXPECT_EQ(error.code, util::ExitCode::remote);
    EXPECT_FALSE(error.hint.empty());
    return error.what;
}

TEST(ChecksumList, KnowsTheFormsOfCoreutils) {
    const ChecksumList list = parse("# made today\n\n" + k_a + "  text.img\n" + k_b +
                                    " *./binary.img\r\nSHA512 (tagged (1).img) = " + k_c + "\n");
    EXPECT_EQ(list.find("text.img")->hex, k_a);
    EXPECT_EQ(list.find("binary.img")->hex, k_b);
    EXPECT_EQ(list.find("tagged (1).img")->hex, k_c);
    EXPECT_EQ(list.find("tagged (1).img")->kind, util::DigestKind::sha512);
    EXPECT_FALSE(list.find("other.img"));
    EXPECT_FALSE(list.find("img"));
}

TEST(ChecksumList, DigitsMayBeInUpperCase) {
    EXPECT_EQ(parse(std::string(64, 'A') + "  x\n").find("x")->hex, k_a);
}

TEST(ChecksumList, OfTwoDigestsTheStrongerCounts) {
    EXPECT_EQ(parse(k_a + "  x\n" + k_c + "  x\n").find("x")->hex, k_c);
    EXPECT_EQ(parse(k_c + "  x\n" + k_a + "  x\n").find("x")->hex, k_c);
}

TEST(ChecksumList, RefusesTwoDigestsThatContradictEachOther) {
    EXPECT_THAT(refusal(k_a + "  x\n" + k_b + "  x\n"),
                HasSubstr("http://host/SUMS:2: 'x' has another sum above"));
    EXPECT_EQ(parse(k_a + "  x\n" + k_a + "  x\n").entries().size(), 1U);
}

TEST(ChecksumList, RefusesWeakDigests) {
    EXPECT_THAT(refusal(std::string(32, 'a') + "  x\n"), HasSubstr("SUMS:1: "));
    EXPECT_THAT(refusal(std::string(40, 'a') + "  x\n"), HasSubstr("SUMS:1: "));
    EXPECT_THAT(refusal("MD5 (x) = " + std::string(32, 'a')), HasSubstr("SUMS:1: "));
}

TEST(ChecksumList, RefusesWhatItDoesNotUnderstand) {
    for (const std::string& line : {"<html>not found</html>" + std::string(),
                                    k_a,
                                    k_a + "  ",
                                    k_a + " x",
                                    k_a.substr(1) + "g  x",
                                    "\\" + k_a + "  a\\nb",
                                    "SHA256 () = " + k_a,
                                    "SHA512 (x) = " + k_a,
                                    "SHA256 (x) " + k_a,
                                    std::string("a\0b", 3),
                                    k_a + "  " + std::string(5000, 'x')}) {
        EXPECT_THAT(refusal(k_b + "  good\n" + line + "\n"), HasSubstr("SUMS:2: ")) << line;
    }
}

TEST(ChecksumList, RefusesAListThatIsEmptyOrStillSigned) {
    EXPECT_THAT(refusal(""), HasSubstr("the list is empty"));
    EXPECT_THAT(refusal("# nothing\n"), HasSubstr("the list is empty"));
    EXPECT_THAT(refusal("-----BEGIN PGP SIGNED MESSAGE-----\n"),
                HasSubstr("still has its signature around it"));
}

TEST(ImageDigest, IsReadBackFromItsName) {
    const auto digest = base::digest_from_hex(k_c);
    EXPECT_EQ(base::digest_name(*digest), "sha512-" + k_c);
    EXPECT_EQ(base::digest_from_name("sha512:" + k_c), digest);
    EXPECT_FALSE(base::digest_from_name("sha256-" + k_c));
    EXPECT_FALSE(base::digest_from_name(k_c));
    EXPECT_FALSE(base::digest_from_name("sha512-../../" + k_c.substr(6)));
}

} // namespace
} // namespace kiln::tests
