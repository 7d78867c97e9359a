#include "net/curl_http_client.hpp"
#include "process/posix_runner.hpp"
#include "unit/net/echo_server.hpp"
#include "unit/util/test_files.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <stdexcept>

namespace kiln::tests {
namespace {

using net::FailureKind;
using net::HttpRequest;
using net::HttpResult;
using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

constexpr std::uint64_t k_mebibyte = std::uint64_t{1024} * 1024;

/// A generated body of so many bytes, and what was done with it.
class Body {
public:
    explicit Body(std::uint64_t size) : size_(size) {}

    net::UploadBody upload() {
        return {.size = size_,
                .read =
                    [this](char* buffer, std::size_t capacity) {
                        const std::size_t count = std::min<std::uint64_t>(capacity, size_ - given);
                        std::memset(buffer, 'a', count);
                        given += count;
                        return count;
                    },
                .rewind =
                    [this] {
                        given = 0;
                        ++rewinds;
                    }};
    }

    std::uint64_t given = 0;
    int rewinds = 0;

private:
    std::uint64_t size_;
};

class CurlHttpClient : public testing::Test {
protected:
    CurlHttpClient() {
        for (const char* name :
             {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}) {
            ::unsetenv(name);
        }
    }

    HttpResult send(HttpRequest request) { return client.send(request); }

    HttpResult get(const std::string& path) { return send({.url = server.url(path)}); }

    json echo(HttpRequest request) {
        const HttpResult result = send(std::move(request));
        EXPECT_TRUE(result.has_answer()) << result.reason;
        EXPECT_EQ(result.answer.status, 200);
        return json::parse(result.answer.body, nullptr, false);
    }

    int seen(const std::string& path) { return std::stoi(get("/seen" + path).answer.body); }

    std::function<void()> on_wait{};
    std::string debug{};
    EchoServer server{};
    net::CurlHttpClient client{
        {.on_wait =
             [this] {
                 if (on_wait) {
                     on_wait();
                 }
             },
         .on_debug = [this](const std::string& line) { debug += line + "\n"; }}};
};

TEST_F(CurlHttpClient, AnswersWithStatusHeadersAndBody) {
    const HttpResult result = get("/status/404");
    EXPECT_TRUE(result.has_answer());
    EXPECT_TRUE(result.was_sent);
    EXPECT_EQ(result.answer.status, 404);
    EXPECT_EQ(result.answer.header("x-openstack-request-id"), "req-4711");
    EXPECT_EQ(result.answer.header("x-none"), "");
    EXPECT_EQ(result.answer.body, "404");
}

TEST_F(CurlHttpClient, SendsHeadersAsGiven) {
    const json echo =
        this->echo({.url = server.url("/echo?a=b"), .headers = {"X-Auth-Token: abc"}});
    EXPECT_EQ(echo["path"], "/echo?a=b");
    EXPECT_EQ(echo["headers"]["x-auth-token"], "abc");
}

TEST_F(CurlHttpClient, SendsBodiesWithTheMethodsThatTakeOne) {
    for (const char* method : {"POST", "PUT", "PATCH"}) {
        const json echo = this->echo({.method = method,
                                      .url = server.url("/echo"),
                                      .headers = {"Content-Type: text/x"},
                                      .body = "abc"});
        EXPECT_EQ(echo["method"], method);
        EXPECT_EQ(echo["size"], 3);
        EXPECT_EQ(echo["sha256"],
                  "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        EXPECT_EQ(echo["headers"]["content-type"], "text/x");
    }
}

TEST_F(CurlHttpClient, SendsAnEmptyBodyWithItsLengthAndNoType) {
    for (const char* method : {"POST", "PUT"}) {
        const json headers = echo({.method = method, .url = server.url("/echo")})["headers"];
        EXPECT_EQ(headers["content-length"], "0");
        EXPECT_FALSE(headers.contains("content-type"));
        EXPECT_FALSE(headers.contains("expect"));
    }
}

TEST_F(CurlHttpClient, SendsNoBodyWithTheOtherMethods) {
    for (const char* method : {"GET", "DELETE"}) {
        const json echo = this->echo({.method = method, .url = server.url("/echo"), .body = "abc"});
        EXPECT_EQ(echo["method"], method);
        EXPECT_FALSE(echo["headers"].contains("content-length"));
    }
    const HttpResult head = send({.method = "HEAD", .url = server.url("/echo")});
    EXPECT_EQ(head.answer.status, 200);
    EXPECT_NE(head.answer.header("content-length"), "0");
    EXPECT_EQ(head.answer.body, "");
}

TEST_F(CurlHttpClient, KeepsItsConnection) {
    EXPECT_EQ(echo({.url = server.url("/echo")})["connection"], 1);
    EXPECT_EQ(echo({.method = "POST", .url = server.url("/echo"), .body = "abc"})["connection"], 1);
    EXPECT_EQ(send({.method = "DELETE", .url = server.url("/status/204")}).answer.status, 204);
    Body body(2 * k_mebibyte);
    EXPECT_EQ(
        echo({.method = "PUT", .url = server.url("/echo"), .upload = body.upload()})["connection"],
        1);
}

TEST_F(CurlHttpClient, GivesTheBodyToWhoWantsIt) {
    std::string data;
    HttpRequest request{
        .url = server.url("/status/200"),
        .on_head =
            [](long status) { return status == 200 ? net::Verdict::take : net::Verdict::drop; },
        .on_data = [&](std::string_view part) { data += part; }};
    EXPECT_EQ(send(request).answer.body, "");
    EXPECT_EQ(data, "200");
    request.url = server.url("/status/500");
    EXPECT_EQ(send(request).answer.body, "500");
    EXPECT_EQ(data, "200");
}

TEST_F(CurlHttpClient, AsksForAVerdictOnAnswersWithoutABody) {
    std::vector<long> heads;
    send({.url = server.url("/status/204"), .on_head = [&](long status) {
              heads.push_back(status);
              return net::Verdict::take;
          }});
    EXPECT_THAT(heads, testing::ElementsAre(204));
}

TEST_F(CurlHttpClient, FollowsNoRedirect) {
    const HttpResult result = get("/redirect");
    EXPECT_EQ(result.answer.status, 302);
    EXPECT_EQ(result.answer.header("location"), "/echo");
    EXPECT_EQ(seen("/echo"), 0);
}

TEST_F(CurlHttpClient, RefusesAnAnswerThatIsTooLarge) {
    HttpRequest request{.url = server.url("/large/1000"), .largest_answer = 1000};
    EXPECT_EQ(send(request).answer.body.size(), 1000U);
    request.largest_answer = 999;
    const HttpResult result = send(request);
    EXPECT_EQ(result.failure, FailureKind::too_large);
    EXPECT_TRUE(result.was_sent);
    std::uint64_t taken = 0;
    request.on_head = [](long) { return net::Verdict::take; };
    request.on_data = [&](std::string_view part) { taken += part.size(); };
    EXPECT_TRUE(send(request).has_answer()) << "only what is kept is limited";
    EXPECT_EQ(taken, 1000U);
}

TEST_F(CurlHttpClient, UploadsExactlyWhatIsRead) {
    Body body(3 * k_mebibyte + 17);
    const json echo =
        this->echo({.method = "PUT", .url = server.url("/echo"), .upload = body.upload()});
    EXPECT_EQ(echo["method"], "PUT");
    EXPECT_EQ(echo["size"], 3 * k_mebibyte + 17);
    EXPECT_EQ(echo["sha256"], "8cb91458835f2fefeb12cf01e67a7ea18523a0567d4835a974dc04c2ddbb955b");
    EXPECT_EQ(echo["headers"]["content-length"], std::to_string(3 * k_mebibyte + 17));
    EXPECT_EQ(echo["headers"]["expect"], "100-continue");
    EXPECT_FALSE(echo["headers"].contains("transfer-encoding"));
}

TEST_F(CurlHttpClient, UploadsNothingAsAnEmptyBody) {
    Body body(0);
    const json echo =
        this->echo({.method = "PUT", .url = server.url("/echo"), .upload = body.upload()});
    EXPECT_EQ(echo["headers"]["content-length"], "0");
    EXPECT_FALSE(echo["headers"].contains("expect"));
}

TEST_F(CurlHttpClient, UploadsToAServerThatDoesNotSayContinue) {
    Body body(2 * k_mebibyte);
    EXPECT_EQ(echo({.method = "PUT", .url = server.url("/deaf"), .upload = body.upload()})["size"],
              2 * k_mebibyte);
}

TEST_F(CurlHttpClient, TakesAnEarlyRefusalForTheAnswer) {
    Body body(100 * k_mebibyte);
    const HttpResult result =
        send({.method = "PUT", .url = server.url("/refuse/413"), .upload = body.upload()});
    EXPECT_TRUE(result.has_answer()) << result.reason;
    EXPECT_EQ(result.answer.status, 413);
    EXPECT_EQ(result.answer.body, "no");
    EXPECT_EQ(body.given, 0U) << "the server was asked first";
}

TEST_F(CurlHttpClient, TakesARefusalInTheMiddleOfTheBodyForTheAnswer) {
    for (int i = 0; i < 40; ++i) {
        Body body(100 * k_mebibyte);
        const HttpResult result = send({.method = "PUT",
                                        .url = server.url("/refuse/409"),
                                        .headers = {"Expect:"},
                                        .upload = body.upload()});
        ASSERT_TRUE(result.has_answer()) << result.reason << " after " << body.given;
        EXPECT_EQ(result.answer.status, 409);
        EXPECT_GT(body.given, 0U);
    }
}

TEST_F(CurlHttpClient, TellsOfAnUploadThatTheServerBroke) {
    Body body(100 * k_mebibyte);
    const HttpResult result =
        send({.method = "PUT", .url = server.url("/cut-upload/1000000"), .upload = body.upload()});
    EXPECT_EQ(result.failure, FailureKind::connection);
    EXPECT_NE(result.reason, "");
    EXPECT_TRUE(result.was_sent);
    EXPECT_EQ(seen("/cut-upload/1000000"), 1);
}

TEST_F(CurlHttpClient, EndsAnUploadWhoseBodyEndsEarly) {
    Body body(k_mebibyte);
    net::UploadBody upload = body.upload();
    upload.size = 2 * k_mebibyte;
    const HttpResult result = send({.method = "PUT", .url = server.url("/sink"), .upload = upload});
    EXPECT_EQ(result.failure, FailureKind::unreadable);
    EXPECT_EQ(result.reason, "what was to be sent ended after 1048576 of 2097152 bytes");
}

TEST_F(CurlHttpClient, TellsThatALostAnswerWasAskedFor) {
    const HttpResult result = send({.method = "POST", .url = server.url("/lost"), .body = "abc"});
    EXPECT_EQ(result.failure, FailureKind::connection);
    EXPECT_TRUE(result.was_sent);
}

TEST_F(CurlHttpClient, SendsNoOrderTwiceOverAKeptConnection) {
    for (const char* method : {"POST", "PATCH", "PUT", "DELETE"}) {
        get("/echo");
        const std::string path = std::string("/lost/") + method;
        const HttpResult result = send({.method = method, .url = server.url(path), .body = "abc"});
        EXPECT_EQ(result.failure, FailureKind::connection);
        EXPECT_EQ(result.reason, "the connection ended before the answer came");
        EXPECT_TRUE(result.was_sent);
        EXPECT_EQ(seen(path), 1);
    }
}

TEST_F(CurlHttpClient, SendsNoWholeUploadTwiceOverAKeptConnection) {
    get("/echo");
    Body body(1000);
    const HttpResult result =
        send({.method = "PUT", .url = server.url("/lost"), .upload = body.upload()});
    EXPECT_EQ(result.failure, FailureKind::connection);
    EXPECT_TRUE(result.was_sent);
    EXPECT_EQ(seen("/lost"), 1);
}

TEST_F(CurlHttpClient, AsksAgainWhenAKeptConnectionHasEnded) {
    EXPECT_EQ(echo({.url = server.url("/reset-next")})["connection"], 1);
    EXPECT_EQ(echo({.url = server.url("/echo")})["connection"], 2);
}

TEST_F(CurlHttpClient, StartsAnUploadOverWhenAKeptConnectionHasEnded) {
    EXPECT_EQ(echo({.url = server.url("/reset-next")})["connection"], 1);
    Body body(50 * k_mebibyte);
    const json echo = this->echo({.method = "PUT",
                                  .url = server.url("/echo"),
                                  .headers = {"Expect:"},
                                  .upload = body.upload()});
    EXPECT_EQ(echo["connection"], 2);
    EXPECT_EQ(echo["size"], 50 * k_mebibyte);
    EXPECT_EQ(body.rewinds, 1);
}

TEST_F(CurlHttpClient, TellsThatNothingWasSentWithoutAConnection) {
    get("/echo");
    server.stop();
    const HttpResult result = send({.method = "POST", .url = server.url("/echo"), .body = "abc"});
    EXPECT_EQ(result.failure, FailureKind::connection);
    EXPECT_THAT(result.reason, HasSubstr("127.0.0.1"));
    EXPECT_FALSE(result.was_sent);
}

TEST_F(CurlHttpClient, RefusesOtherAddresses) {
    for (const char* url :
         {"file:///etc/hostname", "ftp://127.0.0.1/x", "http://", "http://a b/"}) {
        const HttpResult result = send({.url = url});
        EXPECT_EQ(result.failure, FailureKind::bad_address) << url << result.reason;
        EXPECT_FALSE(result.was_sent);
    }
}

TEST_F(CurlHttpClient, RefusesHeadersThatWouldBecomeTwo) {
    const HttpResult result =
        send({.url = server.url("/echo"), .headers = {"X-Auth-Token: a\r\nX-B: c"}});
    EXPECT_EQ(result.failure, FailureKind::bad_address);
    EXPECT_EQ(result.reason, "the header 'X-Auth-Token' holds a line end");
    EXPECT_EQ(seen("/echo"), 0);
}

TEST_F(CurlHttpClient, GivesUpWhatStalls) {
    const HttpResult result =
        send({.url = server.url("/stall"), .limits = {.stall = std::chrono::seconds(1)}});
    EXPECT_EQ(result.failure, FailureKind::stalled);
    EXPECT_EQ(result.reason, "nothing came for 1 s, or too little");
    EXPECT_TRUE(result.was_sent);
}

TEST_F(CurlHttpClient, GivesUpWhatTakesTooLong) {
    const HttpResult result = send({.url = server.url("/stall"), .total = std::chrono::seconds(1)});
    EXPECT_EQ(result.failure, FailureKind::stalled);
    EXPECT_EQ(result.reason, "it was not done within 1 s");
}

TEST_F(CurlHttpClient, TellsOfAnAnswerThatWasCut) {
    for (const char* path : {"/cut/0", "/cut/10", "/cut-head"}) {
        const HttpResult result = get(path);
        EXPECT_EQ(result.failure, FailureKind::cut_short) << path << result.reason;
        EXPECT_EQ(result.reason, "the connection ended before the answer did");
        EXPECT_TRUE(result.was_sent);
    }
}

TEST_F(CurlHttpClient, EndsWhenAskedWhileItWaits) {
    on_wait = [] { throw std::runtime_error("stop"); };
    EXPECT_THROW(get("/stall"), std::runtime_error);
    on_wait = nullptr;
    EXPECT_EQ(get("/status/200").answer.body, "200") << "the client is good for more";
}

TEST_F(CurlHttpClient, PassesOnWhatFunctionsOfTheRequestThrow) {
    const auto fail = [] { throw std::runtime_error("no"); };
    EXPECT_THROW(send({.method = "PUT",
                       .url = server.url("/sink"),
                       .upload = net::UploadBody{.size = 10,
                                                 .read = [&](char*, std::size_t) -> std::size_t {
                                                     fail();
                                                     return 0;
                                                 }}}),
                 std::runtime_error);
    EXPECT_THROW(send({.url = server.url("/status/200"),
                       .on_head =
                           [&](long) {
                               fail();
                               return net::Verdict::take;
                           }}),
                 std::runtime_error);
    EXPECT_THROW(send({.url = server.url("/status/200"),
                       .on_head = [](long) { return net::Verdict::take; },
                       .on_data = [&](std::string_view) { fail(); }}),
                 std::runtime_error);
    EXPECT_EQ(get("/status/200").answer.body, "200");
}

TEST_F(CurlHttpClient, WritesDownCallsWithoutTheirSecrets) {
    Body body(2 * k_mebibyte);
    send({.method = "PUT",
          .url = server.url("/sink?token=geheim,x&b=1"),
          .headers = {"X-Auth-Token: geheim", "Content-Type: text/plain"},
          .upload = body.upload()});
    EXPECT_THAT(debug, Not(HasSubstr("geheim")));
    EXPECT_THAT(
        debug,
        testing::MatchesRegex("PUT http://127.0.0.1:[0-9]+/sink.token=<hidden>&b=1 .2.0 MiB. "
                              "X-Auth-Token: <hidden>, Content-Type: text/plain\n"
                              "200 req-4711, 7 B in [0-9]+ ms\n"));
}

std::uint64_t peak_memory() {
    std::ifstream status("/proc/self/status");
    std::string word;
    while (status >> word && word != "VmHWM:") {
    }
    std::uint64_t kibibytes = 0;
    status >> kibibytes;
    return kibibytes * 1024;
}

TEST_F(CurlHttpClient, NeedsNoMemoryForWhatItUploads) {
    get("/echo");
    const std::uint64_t before = peak_memory();
    ASSERT_GT(before, 0U);
    Body body(300 * k_mebibyte);
    const HttpResult result =
        send({.method = "PUT", .url = server.url("/sink"), .upload = body.upload()});
    EXPECT_EQ(result.answer.body, std::to_string(300 * k_mebibyte));
    EXPECT_LT(peak_memory() - before, 20 * k_mebibyte);
}

/// A server that proves itself with a certificate that no one else signed.
class CurlHttpClientTls : public CurlHttpClient {
protected:
    CurlHttpClientTls() {
        make_certificate("server", "127.0.0.1");
        secure = std::make_unique<EchoServer>(files / "server.pem", files / "server.key");
    }

    void make_certificate(const std::string& name, const std::string& address) const {
        process::PosixRunner().check({.argv = {"openssl",
                                               "req",
                                               "-x509",
                                               "-newkey",
                                               "ec",
                                               "-pkeyopt",
                                               "ec_paramgen_curve:prime256v1",
                                               "-nodes",
                                               "-days",
                                               "2",
                                               "-subj",
                                               "/CN=test",
                                               "-addext",
                                               "subjectAltName=IP:" + address,
                                               "-keyout",
                                               files / (name + ".key"),
                                               "-out",
                                               files / (name + ".pem")},
                                      .environment = {{"PATH", "/usr/bin:/bin"}}});
    }

    HttpResult call(const net::TlsOptions& tls) const {
        return net::CurlHttpClient({.tls = tls})
            .send({.method = "POST", .url = secure->url("/echo"), .body = "abc"});
    }

    TestFiles files{};
    std::unique_ptr<EchoServer> secure{};
};

TEST_F(CurlHttpClientTls, TrustsOnlyWhatItIsToldTo) {
    const HttpResult refused = call({});
    EXPECT_EQ(refused.failure, FailureKind::untrusted);
    EXPECT_FALSE(refused.was_sent);
    EXPECT_EQ(call({.ca_file = files / "server.pem"}).answer.status, 200);
    EXPECT_EQ(call({.verify = false}).answer.status, 200);
}

TEST_F(CurlHttpClientTls, RefusesTheCertificateOfAnotherHost) {
    make_certificate("other", "127.0.0.9");
    secure = std::make_unique<EchoServer>(files / "other.pem", files / "other.key");
    EXPECT_EQ(call({.ca_file = files / "other.pem"}).failure, FailureKind::untrusted);
    EXPECT_EQ(call({.verify = false}).answer.status, 200);
}

TEST_F(CurlHttpClientTls, TellsOfFilesThatAreNotThere) {
    const HttpResult result = call({.ca_file = files / "none.pem"});
    EXPECT_EQ(result.failure, FailureKind::untrusted);
    EXPECT_THAT(result.reason, HasSubstr("none.pem"));
    EXPECT_EQ(call({.certificate = files / "none.pem", .verify = false}).failure,
              FailureKind::untrusted);
}

TEST_F(CurlHttpClientTls, SurvivesAnUploadThatTheServerBroke) {
    Body body(100 * k_mebibyte);
    net::CurlHttpClient secure_client({.tls = {.ca_file = files / "server.pem"}});
    const HttpResult result = secure_client.send(
        {.method = "PUT", .url = secure->url("/cut-upload/1000000"), .upload = body.upload()});
    EXPECT_EQ(result.failure, FailureKind::connection);
    EXPECT_TRUE(result.was_sent);
}

} // namespace
} // namespace kiln::tests
