#include "process/tools/gpgv.hpp"
#include "process/tools/signed_text.hpp"
#include "support/fake_runner.hpp"
#include "unit/util/test_files.hpp"

#include <gmock/gmock.h>

namespace kiln::tests {
namespace {

using process::read_gpgv_status;
using testing::ElementsAre;
using testing::HasSubstr;

const std::string k_good = "[GNUPG:] NEWSIG\n[GNUPG:] GOODSIG 0123 somebody\n"
                           "[GNUPG:] VALIDSIG ABCDEF 2026-01-01 1 0 4 0 22 10 00 ABCDEF\n";
const std::string k_missing = "[GNUPG:] NEWSIG\n[GNUPG:] ERRSIG 4567 1 10 00 1 9 -\n"
                              "[GNUPG:] NO_PUBKEY 4567\n";
const std::string k_bad = "[GNUPG:] NEWSIG\n[GNUPG:] BADSIG 0123 somebody\n";

TEST(Gpgv, ChecksADetachedSignatureAgainstOneKeyringOnly) {
    const process::Command command = process::gpgv_command(
        {.keyrings = {"/keys.gpg"}, .signature = "/t/sig", .file = "/t/text", .home = "/t"});
    EXPECT_THAT(command.argv,
                ElementsAre("gpgv",
                            "--homedir",
                            "/t",
                            "--keyring",
                            "/keys.gpg",
                            "--weak-digest",
                            "SHA1",
                            "--status-fd",
                            "1",
                            "--",
                            "/t/sig",
                            "/t/text"));
    EXPECT_TRUE(command.timeout);
}

TEST(Gpgv, TakesTheSignedTextOutOfWhatIsAroundIt) {
    const process::Command command = process::gpgv_command(
        {.keyrings = {"/keys.gpg"}, .file = "/t/text", .output = "/t/out", .home = "/t"});
    EXPECT_THAT(command.argv,
                ElementsAre("gpgv",
                            "--homedir",
                            "/t",
                            "--keyring",
                            "/keys.gpg",
                            "--weak-digest",
                            "SHA1",
                            "--status-fd",
                            "1",
                            "--output",
                            "/t/out",
                            "--",
                            "/t/text"));
}

TEST(Gpgv, GoodSignatureNamesItsSigner) {
    EXPECT_EQ(read_gpgv_status(k_good).signer, "ABCDEF");
}

TEST(Gpgv, TakesMoreThanOneKeyring) {
    const process::Command command = process::gpgv_command(
        {.keyrings = {"/a.gpg", "/b.gpg"}, .signature = "/t/sig", .file = "/t/text", .home = "/t"});
    EXPECT_THAT(command.argv,
                testing::IsSupersetOf({"--keyring", "/a.gpg", "--keyring", "/b.gpg"}));
}

TEST(Gpgv, NamesAllKeysThatSigned) {
    const std::string second = "[GNUPG:] NEWSIG\n[GNUPG:] GOODSIG 89 x\n"
                               "[GNUPG:] VALIDSIG SUBKEY 2026-01-01 1 0 4 0 22 10 00 PRIMARY\n";
    EXPECT_THAT(read_gpgv_status(k_good + second).good_keys,
                ElementsAre("ABCDEF", "ABCDEF", "SUBKEY", "PRIMARY"));
    EXPECT_TRUE(read_gpgv_status(k_good + second + k_bad).good_keys.empty());
}

TEST(Gpgv, OneGoodSignatureIsEnoughBesideOneOfAnUnknownKey) {
    EXPECT_EQ(read_gpgv_status(k_missing + k_good).signer, "ABCDEF");
    EXPECT_EQ(read_gpgv_status(k_good + k_missing).signer, "ABCDEF");
}

TEST(Gpgv, OneBadSignatureSpoilsTheOthers) {
    EXPECT_FALSE(read_gpgv_status(k_good + k_bad).signer);
    EXPECT_FALSE(read_gpgv_status(k_bad + k_good).signer);
    EXPECT_THAT(read_gpgv_status(k_bad).problem, HasSubstr("does not belong to this list"));
}

TEST(Gpgv, HalfAGoodSignatureIsNone) {
    EXPECT_FALSE(read_gpgv_status("[GNUPG:] GOODSIG 0123 somebody\n").signer);
    EXPECT_FALSE(read_gpgv_status("[GNUPG:] VALIDSIG ABCDEF\n").signer);
    EXPECT_FALSE(read_gpgv_status("[GNUPG:] NEWSIG\n[GNUPG:] GOODSIG 0123 x\n[GNUPG:] NEWSIG\n"
                                  "[GNUPG:] EXPKEYSIG 4567 y\n[GNUPG:] VALIDSIG ABCDEF\n")
                     .signer);
    EXPECT_FALSE(read_gpgv_status("GOODSIG 0123 x\nVALIDSIG ABCDEF\n").signer);
    EXPECT_FALSE(read_gpgv_status("").signer);
}

TEST(Gpgv, TellsWhyASignatureDoesNotCount) {
    EXPECT_THAT(read_gpgv_status(k_missing).problem, HasSubstr("4567 is not in the keyring"));
    EXPECT_THAT(read_gpgv_status("[GNUPG:] EXPKEYSIG 89 x\n").problem, HasSubstr("has expired"));
    EXPECT_THAT(read_gpgv_status("[GNUPG:] REVKEYSIG 89 x\n").problem, HasSubstr("was revoked"));
    EXPECT_THAT(read_gpgv_status("[GNUPG:] NODATA 1\n").problem, HasSubstr("no signature"));
    EXPECT_FALSE(read_gpgv_status("").problem.empty());
}

class Signature : public testing::Test {
protected:
    std::string verify(const process::SignedText& text) {
        return process::verified_text(text, files.path(), runner);
    }

    TestFiles files{};
    FakeRunner runner{};
    std::string keyring = files.write("keys.gpg", "keys");
};

TEST_F(Signature, GivesTheTextThatWasVerified) {
    runner.answer = [](const process::Command&) { return process::Result{.out = k_good}; };
    EXPECT_EQ(verify({.text = "list", .signature = "s", .name = "n", .keyrings = {keyring}}),
              "list");
}

TEST_F(Signature, GivesOnlyWhatGpgvWroteOfATextWithASignatureAroundIt) {
    runner.answer = [](const process::Command& command) {
        const auto option = std::find(command.argv.begin(), command.argv.end(), "--output");
        const util::Fd fd = util::open_file(*(option + 1), O_WRONLY | O_CREAT);
        util::write_all(fd.get(), "inner", "inner");
        return process::Result{.out = k_good};
    };
    EXPECT_EQ(verify({.text = "evil -----BEGIN inner", .name = "n", .keyrings = {keyring}}),
              "inner");
}

TEST_F(Signature, AroundATextMustNotLeaveGpgvInDoubt) {
    runner.answer = [](const process::Command&) {
        return process::Result{.exit_code = 2, .out = k_missing + k_good};
    };
    EXPECT_THAT(
        error_of([&] { verify({.text = "two texts", .name = "n", .keyrings = {keyring}}); }).what,
        HasSubstr("there is more than what it covers"));
}

TEST_F(Signature, OfAnUnknownKeyDoesNotSpoilTheOtherAroundOneText) {
    runner.answer = [](const process::Command& command) {
        const auto option = std::find(command.argv.begin(), command.argv.end(), "--output");
        const util::Fd fd = util::open_file(*(option + 1), O_WRONLY | O_CREAT);
        util::write_all(fd.get(), "inner", "inner");
        return process::Result{.exit_code = 2, .out = k_missing + k_good};
    };
    const std::string one = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\ninner\n"
                            "-----BEGIN PGP SIGNATURE-----\n\nxyz\n-----END PGP SIGNATURE-----\n";
    EXPECT_EQ(verify({.text = one, .name = "n", .keyrings = {keyring}}), "inner");
    for (const std::string& more : {one + one, one + "more\n", "more\n" + one}) {
        EXPECT_THAT(
            error_of([&] { verify({.text = more, .name = "n", .keyrings = {keyring}}); }).what,
            HasSubstr("there is more than what it covers"));
    }
}

TEST_F(Signature, ThatIsNotGoodIsAnErrorWhateverTheExitCode) {
    runner.answer = [](const process::Command&) { return process::Result{.out = k_bad}; };
    const util::ErrorInfo error = error_of(
        [&] { verify({.text = "list", .signature = "s", .name = "n", .keyrings = {keyring}}); });
    EXPECT_EQ(error.code, util::ExitCode::remote);
    EXPECT_THAT(error.what, HasSubstr("the signature of 'n' is not good"));
}

TEST_F(Signature, MustBeByAKeyThatWasNamed) {
    runner.answer = [](const process::Command&) { return process::Result{.out = k_good}; };
    const auto with_key = [&](const std::string& key) {
        return verify({.text = "list",
                       .signature = "s",
                       .name = "n",
                       .keyrings = {keyring},
                       .fingerprints = {key}});
    };
    EXPECT_EQ(with_key("ABCDEF"), "list");
    EXPECT_THAT(error_of([&] { with_key("FEDCBA"); }).what, HasSubstr("it is by another key"));
}

TEST_F(Signature, NeedsAKeyringThatGpgvCanRead) {
    const util::ErrorInfo missing = error_of([&] {
        verify({.text = "l",
                .signature = "s",
                .keyrings = {files / "none"},
                .keyring_hint = "get it"});
    });
    EXPECT_EQ(missing.hint, "get it");
    const std::string armoured = files.write("keys.asc", "-----BEGIN PGP PUBLIC KEY BLOCK-----\n");
    EXPECT_THAT(
        error_of([&] { verify({.text = "l", .signature = "s", .keyrings = {armoured}}); }).hint,
        HasSubstr("gpg --dearmor"));
    EXPECT_TRUE(runner.commands.empty());
}

} // namespace
} // namespace kiln::tests
