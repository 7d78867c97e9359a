#include "net/curl_client.hpp"
#include "process/posix_runner.hpp"
#include "support/memory_reporter.hpp"
#include "unit/net/image_server.hpp"
#include "unit/util/test_files.hpp"

#include <gmock/gmock.h>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <thread>

namespace kiln::tests {
namespace {

using std::chrono::milliseconds;
using testing::Contains;
using testing::HasSubstr;
using testing::SizeIs;

class CurlClient : public testing::Test {
protected:
    net::CurlClient client(int tries = 3) {
        ::unsetenv("http_proxy");
        return net::CurlClient({.limits = {.stall = std::chrono::seconds(1)},
                                .retry = {.tries = tries},
                                .on_wait = [this] { ++waits; },
                                .sleep = [this](milliseconds duration) { slept += duration; },
                                .jitter = [] { return 0.5; }},
                               reporter);
    }

    net::FileResult download(const std::string& name, int tries = 3) {
        return client(tries).download({.url = server.url(name), .path = files / "out"});
    }

    void fault(const std::string& text) const { files.write("state/faults", text + "\n"); }

    TestFiles files{};
    ImageServer server{files};
    MemoryReporter reporter{};
    milliseconds slept{0};
    int waits = 0;
};

TEST_F(CurlClient, GetsADocumentOnceWhileItIsTheSame) {
    files.write("srv/list", "text");
    const net::Document first = client().get({.url = server.url("list")});
    EXPECT_EQ(first.body, "text");
    const net::Document second =
        client().get({.url = server.url("list"), .known = first.validators});
    EXPECT_TRUE(second.not_modified);
    EXPECT_EQ(second.body, "");
}

TEST_F(CurlClient, GetsManyDocumentsAtOnceInTheirOrder) {
    std::vector<net::DocumentRequest> requests;
    for (int i = 0; i < 20; ++i) {
        const std::string name = "list" + std::to_string(i);
        files.write("srv/" + name, "text " + std::to_string(i));
        requests.push_back({.url = server.url(name)});
    }
    fault("/list3 slow 4\n/list4 slow 4\n/list5 slow 4\n/list6 slow 4\n/list7 slow 4");
    const auto begin = std::chrono::steady_clock::now();
    const std::vector<net::DocumentResult> results =
        net::CurlClient({}, reporter).get_all(requests);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(4));
    ASSERT_EQ(results.size(), requests.size());
    for (int i = 0; i < 20; ++i) {
        EXPECT_EQ(std::get<net::Document>(results[static_cast<std::size_t>(i)]).body,
                  "text " + std::to_string(i));
    }
}

TEST_F(CurlClient, OneDocumentThatFailsDoesNotSpoilTheOthers) {
    files.write("srv/list", "text");
    files.write("srv/large", std::string(100, 'x'));
    files.write("srv/busy", "late");
    fault("/busy busy 2\n/down busy 100");
    files.write("srv/down", "never");
    const net::Document first = client().get({.url = server.url("list")});
    const std::vector<net::DocumentResult> results =
        client().get_all({{.url = server.url("none")},
                          {.url = server.url("list"), .known = first.validators},
                          {.url = server.url("large"), .limit = 99},
                          {.url = server.url("busy")},
                          {.url = server.url("down")}});
    EXPECT_TRUE(std::get<net::DocumentFailure>(results[0]).absent);
    EXPECT_TRUE(std::get<net::Document>(results[1]).not_modified);
    EXPECT_THAT(std::get<net::DocumentFailure>(results[2]).error.what, HasSubstr("larger than"));
    EXPECT_EQ(std::get<net::Document>(results[3]).body, "late");
    const auto& down = std::get<net::DocumentFailure>(results[4]);
    EXPECT_THAT(down.error.what, HasSubstr("the server answered 503"));
    EXPECT_FALSE(down.absent);
    EXPECT_EQ(slept, milliseconds(3000));
}

TEST_F(CurlClient, AServerThatIsNotThereIsNoAbsentDocument) {
    const std::vector<net::DocumentResult> results =
        client(1).get_all({{.url = "http://127.0.0.1:1/list"}, {.url = "file:///nowhere/list"}});
    EXPECT_FALSE(std::get<net::DocumentFailure>(results[0]).absent);
    EXPECT_TRUE(std::get<net::DocumentFailure>(results[1]).absent);
    EXPECT_TRUE(client().get_all({}).empty());
}

TEST_F(CurlClient, AsksWithTheTimeWhereThereIsNoTag) {
    files.write("srv/list", "text");
    fault("/list no-etag");
    const net::Document first = client().get({.url = server.url("list")});
    EXPECT_EQ(first.validators.etag, "");
    EXPECT_TRUE(client().get({.url = server.url("list"), .known = first.validators}).not_modified);
}

TEST_F(CurlClient, RefusesADocumentAboveTheLimit) {
    files.write("srv/list", std::string(5000, 'x'));
    const util::ErrorInfo error =
        error_of([&] { client().get({.url = server.url("list"), .limit = 4999}); });
    EXPECT_THAT(error.what, HasSubstr("larger than"));
    EXPECT_EQ(error.code, util::ExitCode::remote);
}

TEST_F(CurlClient, TriesABusyServerAgainAndThenGivesUp) {
    files.write("srv/list", "text");
    fault("/list busy 2");
    EXPECT_EQ(client().get({.url = server.url("list")}).body, "text");
    EXPECT_EQ(slept, milliseconds(3000));
    EXPECT_THAT(reporter.texts(report::EventKind::warning), SizeIs(2));
    fault("/list busy 100");
    const util::ErrorInfo error = error_of([&] { client().get({.url = server.url("list")}); });
    EXPECT_THAT(error.what, HasSubstr("the server answered 503"));
    EXPECT_EQ(error.code, util::ExitCode::remote);
}

TEST_F(CurlClient, DoesNotTryAgainWhatIsNotThere) {
    const util::ErrorInfo error = error_of([&] { client().get({.url = server.url("none")}); });
    EXPECT_THAT(error.what, HasSubstr("the server answered 404"));
    EXPECT_EQ(slept, milliseconds(0));
}

TEST_F(CurlClient, CompletesAFileThatWasCutShort) {
    files.write("srv/file", std::string(100000, 'a') + std::string(100000, 'b'));
    fault("/file cut-once 120000");
    EXPECT_EQ(download("file").size, 200000U);
    EXPECT_EQ(files.read("out"), files.read("srv/file"));
    EXPECT_THAT(server.log(), HasSubstr("/file 206 bytes=80000 range=bytes=120000-"));
}

TEST_F(CurlClient, GivesUpAFileThatIsAlwaysCutShortButKeepsThePart) {
    files.write("srv/file", std::string(200000, 'a'));
    fault("/file cut 1000");
    const util::ErrorInfo error = error_of([&] { download("file", 2); });
    EXPECT_THAT(error.what, HasSubstr("the connection ended before the file did"));
    EXPECT_EQ(error.code, util::ExitCode::remote);
    EXPECT_EQ(files.read("out").size(), 2000U);
}

TEST_F(CurlClient, RefusesAFileThatNeverReachesTheLengthThatWasAnnounced) {
    files.write("srv/file", std::string(200000, 'a'));
    fault("/file length 300000");
    EXPECT_EQ(error_of([&] { download("file", 3); }).code, util::ExitCode::remote);
}

TEST_F(CurlClient, DoesNotJoinThePartsOfTwoVersions) {
    files.write("srv/file", std::string(200000, 'a'));
    fault("/file cut 120000");
    EXPECT_FALSE(error_of([&] { download("file", 1); }).what.empty());
    files.write("srv/file", std::string(150000, 'b'));
    fault("");
    download("file");
    EXPECT_EQ(files.read("out"), std::string(150000, 'b'));
}

TEST_F(CurlClient, NoticesAServerThatJoinsTwoVersions) {
    files.write("srv/file", std::string(200000, 'a'));
    fault("/file cut 120000");
    EXPECT_FALSE(error_of([&] { download("file", 1); }).what.empty());
    files.write("srv/file", std::string(150000, 'b'));
    fault("/file splice");
    download("file");
    EXPECT_EQ(files.read("out"), std::string(150000, 'b'));
}

TEST_F(CurlClient, StartsAgainWhereRangesAreNotKnown) {
    files.write("srv/file", std::string(200000, 'a'));
    fault("/file cut-once 120000\n/file no-ranges");
    EXPECT_EQ(download("file").transferred, 320000U);
    EXPECT_EQ(files.read("out"), std::string(200000, 'a'));
}

TEST_F(CurlClient, TakesAWholeFileThatIsHereWithoutARequest) {
    files.write("srv/file", "whole");
    download("file");
    EXPECT_EQ(download("file").transferred, 0U);
    EXPECT_EQ(server.log().find("/file", 1), std::string::npos);
}

TEST_F(CurlClient, GivesUpAServerThatStalls) {
    files.write("srv/file", std::string(200000, 'a'));
    fault("/file stall 1000");
    const util::ErrorInfo error = error_of([&] { download("file", 1); });
    EXPECT_THAT(error.what, HasSubstr("nothing came for 1 s"));
    EXPECT_GT(waits, 5);
}

TEST_F(CurlClient, EndsAtOnceByWhatItsCallerThrowsWhileWaiting) {
    files.write("srv/file", std::string(200000, 'a'));
    fault("/file stall 1000");
    net::CurlClient stopped({.on_wait = [] { throw util::Error({.what = "enough"}); }}, reporter);
    const auto start = std::chrono::steady_clock::now();
    const util::ErrorInfo error =
        error_of([&] { stopped.download({.url = server.url("file"), .path = files / "out"}); });
    EXPECT_EQ(error.what, "enough");
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(30));
}

TEST_F(CurlClient, StopsAFileAtTheLimitAndKeepsNothingOfIt) {
    files.write("srv/file", std::string(200000, 'a'));
    const util::ErrorInfo error = error_of([&] {
        client().download({.url = server.url("file"), .path = files / "out", .limit = 100000});
    });
    EXPECT_THAT(error.what, HasSubstr("larger than"));
    EXPECT_EQ(files.read("out"), "");
}

TEST_F(CurlClient, FollowsARedirectToHttpButNotToAFile) {
    files.write("srv/list", "text");
    fault("/moved redirect " + server.url("list"));
    EXPECT_EQ(client().get({.url = server.url("moved")}).body, "text");
    fault("/moved redirect file:///etc/passwd");
    EXPECT_EQ(error_of([&] { client().get({.url = server.url("moved")}); }).code,
              util::ExitCode::remote);
}

TEST_F(CurlClient, ReadsAFileThatWasAskedForAsSuch) {
    const std::string path = files.write("srv/local", "here");
    EXPECT_EQ(client().get({.url = "file://" + path}).body, "here");
    client().download({.url = "file://" + path, .path = files / "out"});
    EXPECT_EQ(files.read("out"), "here");
    EXPECT_EQ(error_of([&] { client().get({.url = "file://" + path + "x"}); }).code,
              util::ExitCode::remote);
}

TEST_F(CurlClient, TellsNoPassword) {
    std::string url = server.url("none");
    url.insert(url.find("127"), "user:opensesame@");
    const util::ErrorInfo error = error_of([&] { client().get({.url = url + "?key=opensesame"}); });
    EXPECT_THAT(error.what + error.hint, testing::Not(HasSubstr("opensesame")));
}

} // namespace
} // namespace kiln::tests
