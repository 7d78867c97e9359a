#include "base/base_images.hpp"
#include "base/settings.hpp"
#include "support/fake_runner.hpp"
#include "support/memory_reporter.hpp"
#include "unit/util/test_files.hpp"
#include "util/digest.hpp"

#include <gmock/gmock.h>

#include <map>

namespace kiln::tests {
namespace {

using base::ImageSource;
using base::Network;
using base::Trust;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// A server in memory: documents and files by URL; the validator of a text is the text.
class FakeClient : public net::Client {
public:
    net::Document get(const net::DocumentRequest& request) override {
        requests.push_back(request.url);
        last_caches = request.caches;
        const std::string body = body_of(request.url);
        if (!request.known.empty() && request.known.etag == body) {
            return {.not_modified = true, .validators = request.known};
        }
        return {.body = body, .validators = {.etag = body}};
    }

    net::FileResult download(const net::FileRequest& request) override {
        requests.push_back(request.url);
        const std::string body = body_of(request.url);
        const util::Fd fd = util::open_file(request.path, O_WRONLY | O_CREAT | O_TRUNC);
        util::write_all(fd.get(), body, request.path);
        return {.size = body.size(), .transferred = body.size()};
    }

    std::map<std::string, std::string> served{};
    std::vector<std::string> requests{};
    net::CachesBetween last_caches = net::CachesBetween::allowed;

private:
    std::string body_of(const std::string& url) const {
        const auto found = served.find(url);
        if (found == served.end()) {
            throw util::Error({.what = "cannot fetch '" + url + "'",
                               .hint = "is the network up?",
                               .code = util::ExitCode::remote});
        }
        return found->second;
    }
};

class BaseImages : public testing::Test {
protected:
    BaseImages() {
        serve("one");
        // A signature is good when it is the text that it signs.
        runner.answer = [](const process::Command& command) {
            const std::string text = util::read_file(command.argv.back());
            const std::string signature = util::read_file(*(command.argv.end() - 2));
            const std::string status =
                text == signature ? "GOODSIG 1 x\n[GNUPG:] VALIDSIG F" : "BADSIG 1 x";
            return process::Result{.out = "[GNUPG:] NEWSIG\n[GNUPG:] " + status + "\n"};
        };
    }

    void serve(const std::string& content) {
        const std::string list = util::sha256(content) + "  image.raw\n";
        client.served = {
            {"http://h/image.raw", content}, {"http://h/S", list}, {"http://h/S.gpg", list}};
    }

    ImageSource source() {
        return {.trust = Trust::signature,
                .url = "http://h/image.raw",
                .list_url = "http://h/S",
                .list_name = "image.raw",
                .signature_url = "http://h/S.gpg",
                .keyring = files.write("keys.gpg", "keys")};
    }

    std::string obtain(const ImageSource& wanted, Network network = Network::allowed) {
        client.requests.clear();
        base::BaseImages images({.cache = files / "cache",
                                 .cache_limit = 1000000,
                                 .network = network,
                                 .scratch = files.path()},
                                client,
                                runner,
                                reporter);
        return util::read_file(images.obtain(wanted).path());
    }

    TestFiles files{};
    FakeClient client{};
    FakeRunner runner{};
    MemoryReporter reporter{};
};

TEST_F(BaseImages, AsksForTheListEachTimeButFetchesTheImageOnce) {
    EXPECT_EQ(obtain(source()), "one");
    EXPECT_THAT(client.requests, ElementsAre("http://h/S", "http://h/S.gpg", "http://h/image.raw"));
    EXPECT_EQ(obtain(source()), "one");
    EXPECT_THAT(client.requests, ElementsAre("http://h/S"));
}

TEST_F(BaseImages, FollowsTheList) {
    obtain(source());
    serve("two");
    EXPECT_EQ(obtain(source()), "two");
}

TEST_F(BaseImages, ChecksTheSignatureOfAKeptListAgain) {
    obtain(source());
    const std::size_t checks = runner.commands.size();
    obtain(source());
    obtain(source(), Network::forbidden);
    EXPECT_EQ(runner.commands.size(), checks + 2);
    runner.answer = [](const process::Command&) { return process::Result{}; };
    EXPECT_THAT(error_of([&] { obtain(source(), Network::forbidden); }).what,
                HasSubstr("the signature of 'http://h/S' is not good"));
}

TEST_F(BaseImages, AsksPastAllCachesWhenListAndSignatureDoNotFit) {
    client.served["http://h/S.gpg"] = "older";
    const util::ErrorInfo error = error_of([&] { obtain(source()); });
    EXPECT_EQ(error.code, util::ExitCode::remote);
    EXPECT_EQ(client.last_caches, net::CachesBetween::bypassed);
    EXPECT_THAT(client.requests,
                ElementsAre("http://h/S", "http://h/S.gpg", "http://h/S", "http://h/S.gpg"));
}

TEST_F(BaseImages, NeedsNoNetworkOffline) {
    obtain(source());
    client.served.clear();
    EXPECT_EQ(obtain(source(), Network::forbidden), "one");
    EXPECT_THAT(client.requests, IsEmpty());
}

TEST_F(BaseImages, SaysOfflineWhatIsMissing) {
    const util::ErrorInfo error = error_of([&] { obtain(source(), Network::forbidden); });
    EXPECT_THAT(error.what, HasSubstr("no checksum list of 'http://h/image.raw' is in the cache"));
    EXPECT_THAT(error.hint, HasSubstr("without --offline"));
    EXPECT_THAT(client.requests, IsEmpty());
}

TEST_F(BaseImages, TellsOfTheCopyInTheCacheWhenTheServerIsDown) {
    obtain(source());
    client.served.clear();
    EXPECT_THAT(error_of([&] { obtain(source()); }).hint, HasSubstr("to use it: --offline"));
}

TEST_F(BaseImages, ImageThatIsNotListedIsRefused) {
    ImageSource wanted = source();
    wanted.list_name = "other.raw";
    const util::ErrorInfo error = error_of([&] { obtain(wanted); });
    EXPECT_EQ(error.what, "'other.raw' is not in 'http://h/S'");
    EXPECT_THAT(client.requests, testing::Not(Contains("http://h/image.raw")));
}

TEST_F(BaseImages, ListIsUnderstoodBeforeItIsKept) {
    client.served["http://h/S"] = client.served["http://h/S.gpg"] = "<html>";
    ImageSource unsigned_source = source();
    unsigned_source.trust = Trust::nobody;
    EXPECT_EQ(error_of([&] { obtain(unsigned_source); }).code, util::ExitCode::remote);
    serve("one");
    EXPECT_EQ(obtain(unsigned_source), "one");
    EXPECT_THAT(reporter.texts(report::EventKind::warning),
                Contains(HasSubstr("nothing vouches for 'http://h/S'")));
}

TEST_F(BaseImages, TextThatIsNotSignedIsRefusedWhereTheSignatureShouldBeAroundIt) {
    ImageSource wanted = source();
    wanted.signature_url.clear();
    EXPECT_EQ(error_of([&] { obtain(wanted); }).what, "'http://h/S' is not signed");
}

TEST_F(BaseImages, DigestOfTheUserNeedsNoList) {
    ImageSource wanted = {.trust = Trust::digest, .url = "http://h/image.raw"};
    wanted.digest = base::digest_from_hex(util::sha256("one"));
    EXPECT_EQ(obtain(wanted), "one");
    EXPECT_THAT(client.requests, ElementsAre("http://h/image.raw"));
}

TEST_F(BaseImages, LocalFileIsCheckedAgainstTheDigestOfTheUser) {
    ImageSource wanted = {.local = files.write("local", "text")};
    EXPECT_EQ(obtain(wanted), "text");
    wanted.digest = base::digest_from_hex(util::sha256("other"));
    EXPECT_THAT(error_of([&] { obtain(wanted); }).what, HasSubstr("KILN_BASE_DIGEST"));
    EXPECT_THAT(error_of([&] { obtain({.local = files.path()}); }).what, HasSubstr("is no file"));
    EXPECT_EQ(error_of([&] { obtain({.local = files / "none"}); }).code, util::ExitCode::usage);
}

TEST_F(BaseImages, KeptListThatIsDamagedIsFetchedAgain) {
    obtain(source());
    for (const auto& file : std::filesystem::directory_iterator(files / "cache/lists")) {
        files.write("cache/lists/" + file.path().filename().string(), "{\"text\": \"zz\"");
    }
    EXPECT_EQ(obtain(source()), "one");
}

TEST(BaseSettings, ComeFromVariablesThatAreNamedWhenWrong) {
    const auto options = base::base_image_options(
        {{"DIB_IMAGE_CACHE", "/cache"}, {"DIB_OFFLINE", "1"}, {"KILN_BASE_CACHE_SIZE", "5GB"}});
    EXPECT_EQ(options.cache, "/cache/base-images");
    EXPECT_EQ(options.network, Network::forbidden);
    EXPECT_EQ(options.cache_limit, 5000000000U);
    EXPECT_EQ(base::base_image_options({{"DIB_IMAGE_CACHE", "/c"}}).cache_limit, 20000000000U);
    EXPECT_THAT(error_of([] { base::base_image_options({}); }).what, HasSubstr("DIB_IMAGE_CACHE"));
    EXPECT_THAT(
        error_of([] {
            base::base_image_options({{"DIB_IMAGE_CACHE", "/c"}, {"KILN_BASE_CACHE_SIZE", "much"}});
        }).what,
        HasSubstr("KILN_BASE_CACHE_SIZE='much'"));
    EXPECT_EQ(base::client_options({{"KILN_DOWNLOAD_TRIES", "2"}}).retry.tries, 2);
    for (const char* wrong : {"0", "-1", "x", "1x", "99999999999"}) {
        EXPECT_THAT(error_of([&] {
                        base::client_options({{"KILN_DOWNLOAD_STALL", wrong}});
                    }).what,
                    HasSubstr("KILN_DOWNLOAD_STALL"));
    }
}

} // namespace
} // namespace kiln::tests
