#include "unit/net/http_calls.hpp"

#include <gmock/gmock.h>

#include <stdexcept>

namespace kiln::tests {
namespace {

using net::FailureKind;
using net::HttpRequest;
using net::HttpResult;
using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

class CurlHttpClient : public HttpCalls {};

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

TEST_F(CurlHttpClient, AsksAgainWhenAKeptConnectionHasEnded) {
    EXPECT_EQ(echo({.url = server.url("/reset-next")})["connection"], 1);
    EXPECT_EQ(echo({.url = server.url("/echo")})["connection"], 2);
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

} // namespace
} // namespace kiln::tests
