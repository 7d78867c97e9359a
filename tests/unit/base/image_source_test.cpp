#include "base/image_source.hpp"
#include "unit/util/test_files.hpp"

#include <gmock/gmock.h>

namespace kiln::tests {
namespace {

using base::ImageKind;
using base::ImageSource;
using base::locate;
using base::Trust;
using process::Environment;
using testing::HasSubstr;

Environment with(Environment environment, const Environment& more) {
    for (const auto& [name, value] : more) {
        environment[name] = value;
    }
    return environment;
}

const Environment k_ubuntu = {
    {"DISTRO_NAME", "ubuntu"}, {"DIB_RELEASE", "noble"}, {"ARCH", "amd64"}};
const Environment k_debian = {
    {"DISTRO_NAME", "debian"}, {"DIB_RELEASE", "bookworm"}, {"ARCH", "arm64"}};
const Environment k_mirror = {{"DIB_CLOUD_IMAGES", "http://host/images"}};

util::ErrorInfo refusal(const Environment& environment) {
    const util::ErrorInfo error = error_of([&] { locate(environment); });
    EXPECT_EQ(error.code, util::ExitCode::usage);
    return error;
}

TEST(ImageSource, OfUbuntuIsTheSquashfsAndItsSignedList) {
    const ImageSource source = locate(k_ubuntu);
    EXPECT_EQ(source.url,
              "https://cloud-images.ubuntu.com/noble/current/noble-server-cloudimg-amd64.squashfs");
    EXPECT_EQ(source.kind, ImageKind::squashfs);
    EXPECT_EQ(source.list_url, "https://cloud-images.ubuntu.com/noble/current/SHA256SUMS");
    EXPECT_EQ(source.signature_url, source.list_url + ".gpg");
    EXPECT_EQ(source.trust, Trust::signature);
    EXPECT_EQ(source.keyring, "/usr/share/keyrings/ubuntu-cloudimage-keyring.gpg");
}

TEST(ImageSource, OfOldUbuntuIsATarArchive) {
    const ImageSource source = locate(with(k_ubuntu, {{"DIB_RELEASE", "xenial"}}));
    EXPECT_EQ(source.list_name, "xenial-server-cloudimg-amd64-root.tar.gz");
    EXPECT_EQ(source.kind, ImageKind::tar);
}

TEST(ImageSource, OfDebianIsTheQcow2ThatTlsVouchesFor) {
    const ImageSource source = locate(k_debian);
    EXPECT_EQ(source.url,
              "https://cloud.debian.org/images/cloud/bookworm/latest/"
              "debian-12-genericcloud-arm64.qcow2");
    EXPECT_EQ(source.list_url, "https://cloud.debian.org/images/cloud/bookworm/latest/SHA512SUMS");
    EXPECT_EQ(source.trust, Trust::transport);
    EXPECT_EQ(source.kind, ImageKind::qcow2);
}

TEST(ImageSource, FlavourAndReleaseBecomePartOfTheName) {
    EXPECT_EQ(
        locate(with(k_debian, {{"DIB_RELEASE", "trixie"}, {"DIB_FLAVOR", "generic"}})).list_name,
        "debian-13-generic-arm64.qcow2");
    EXPECT_EQ(locate(with(k_debian, {{"DIB_RELEASE", "sid"}})).list_name,
              "debian-sid-genericcloud-arm64-daily.qcow2");
    EXPECT_EQ(locate(with(k_ubuntu, {{"DIB_FLAVOR", "minimal"}})).list_name,
              "noble-minimal-cloudimg-amd64.squashfs");
}

TEST(ImageSource, FolderAndFileMayBeOnesOwn) {
    const ImageSource source =
        locate(with(k_ubuntu, with(k_mirror, {{"BASE_IMAGE_FILE", "sub/own.img"}})));
    EXPECT_EQ(source.url, "http://host/images/sub/own.img");
    EXPECT_EQ(source.list_url, "http://host/images/SHA256SUMS");
    EXPECT_EQ(source.trust, Trust::signature);
    EXPECT_EQ(source.kind, ImageKind::automatic);
}

TEST(ImageSource, ListMayLieElsewhere) {
    EXPECT_EQ(locate(with(k_ubuntu, {{"SHA256SUMS", "https://host/sums"}})).signature_url,
              "https://host/sums.gpg");
    EXPECT_EQ(locate(with(k_ubuntu,
                          {{"SHA256SUMS", "https://host/sums"},
                           {"KILN_BASE_CHECKSUMS", "https://other/sums"}}))
                  .list_url,
              "https://other/sums");
}

TEST(ImageSource, KeyringAsksForASignatureAlsoWhereNoneIsUsual) {
    const ImageSource source = locate(with(k_debian, {{"KILN_BASE_KEYRING", "/keys.gpg"}}));
    EXPECT_EQ(source.trust, Trust::signature);
    EXPECT_EQ(source.keyring, "/keys.gpg");
    EXPECT_THAT(source.signature_url, HasSubstr("SHA512SUMS.sign"));
    EXPECT_EQ(locate(with(k_debian,
                          {{"KILN_BASE_KEYRING", "/keys.gpg"}, {"KILN_BASE_SIGNATURE", "inline"}}))
                  .signature_url,
              "");
}

TEST(ImageSource, SignatureWithoutAKeyringIsRefused) {
    EXPECT_THAT(refusal(with(k_debian, {{"KILN_BASE_SIGNATURE", "https://host/sig"}})).what,
                HasSubstr("KILN_BASE_SIGNATURE"));
}

TEST(ImageSource, WithoutASignatureOverHttpNeedsLeave) {
    EXPECT_THAT(refusal(with(k_debian, k_mirror)).what, HasSubstr("nothing vouches for"));
    EXPECT_EQ(locate(with(k_debian, with(k_mirror, {{"KILN_BASE_UNSIGNED", "1"}}))).trust,
              Trust::nobody);
    EXPECT_EQ(locate(with(k_ubuntu, {{"KILN_BASE_SIGNATURE", "none"}})).trust, Trust::transport);
    EXPECT_THAT(refusal(with(k_ubuntu, with(k_mirror, {{"KILN_BASE_SIGNATURE", "none"}}))).what,
                HasSubstr("nothing vouches for"));
    EXPECT_THAT(refusal(with(k_debian, with(k_mirror, {{"KILN_BASE_UNSIGNED", "yes"}}))).what,
                HasSubstr("KILN_BASE_UNSIGNED='yes'"));
}

TEST(ImageSource, FolderOfThisMachineVouchesForItself) {
    EXPECT_EQ(locate(with(k_debian, {{"DIB_CLOUD_IMAGES", "file:///srv/images"}})).trust,
              Trust::transport);
}

TEST(ImageSource, DigestTakesThePlaceOfTheList) {
    const std::string hex(64, 'a');
    const ImageSource source =
        locate(with(k_debian, with(k_mirror, {{"KILN_BASE_DIGEST", "sha256:" + hex}})));
    EXPECT_EQ(source.trust, Trust::digest);
    EXPECT_EQ(source.digest->hex, hex);
    EXPECT_EQ(source.list_url, "");
    EXPECT_THAT(refusal(with(k_debian, {{"KILN_BASE_DIGEST", hex}})).what,
                HasSubstr("KILN_BASE_DIGEST"));
}

TEST(ImageSource, LocalImageNeedsNothingElse) {
    const ImageSource source = locate({{"DIB_LOCAL_IMAGE", "/srv/base.tar.xz"}});
    EXPECT_EQ(source.local, "/srv/base.tar.xz");
    EXPECT_EQ(source.trust, Trust::user);
    EXPECT_EQ(source.kind, ImageKind::tar);
}

TEST(ImageSource, PathsAreAbsolute) {
    EXPECT_THAT(refusal({{"DIB_LOCAL_IMAGE", "base.img"}}).what,
                HasSubstr("DIB_LOCAL_IMAGE='base.img' is no absolute path"));
    EXPECT_THAT(refusal(with(k_debian, {{"KILN_BASE_KEYRING", "keys.gpg"}})).what,
                HasSubstr("KILN_BASE_KEYRING='keys.gpg'"));
}

TEST(ImageSource, KindMayBeGiven) {
    EXPECT_EQ(locate({{"DIB_LOCAL_IMAGE", "/x.img"}, {"KILN_BASE_KIND", "raw"}}).kind,
              ImageKind::raw);
    EXPECT_THAT(refusal({{"DIB_LOCAL_IMAGE", "/x.img"}, {"KILN_BASE_KIND", "vmdk"}}).what,
                HasSubstr("KILN_BASE_KIND='vmdk'"));
}

TEST(ImageSource, UnknownReleaseNamesTheKnownOnes) {
    EXPECT_THAT(refusal(with(k_debian, {{"DIB_RELEASE", "bokworm"}})).hint, HasSubstr("bookworm"));
    EXPECT_THAT(refusal({{"DISTRO_NAME", "plan9"}}).hint, HasSubstr("DIB_CLOUD_IMAGES"));
}

TEST(ImageSource, WordsOfAnAddressMustBePlain) {
    EXPECT_THAT(refusal(with(k_debian, {{"DIB_RELEASE", "../../x"}})).what,
                HasSubstr("DIB_RELEASE='../../x'"));
    EXPECT_THAT(refusal(with(k_ubuntu, {{"DIB_FLAVOR", ".."}})).what, HasSubstr("DIB_FLAVOR"));
    EXPECT_THAT(refusal(with(k_ubuntu, {{"BASE_IMAGE_FILE", "a?b"}})).what,
                HasSubstr("BASE_IMAGE_FILE"));
    EXPECT_THAT(refusal(with(k_ubuntu, {{"DIB_CLOUD_IMAGES", "/srv/images"}})).what,
                HasSubstr("DIB_CLOUD_IMAGES"));
}

} // namespace
} // namespace kiln::tests
