#include "unit/store/session_fixture.hpp"

#include <gmock/gmock.h>

#include <stdexcept>

namespace kiln {
namespace {

using net::HttpResult;
using store::CallResult;
using store::Problem;
using store::Repeat;
using store::Session;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using tests::Cloudscape;
using tests::milliseconds;
using tests::Refusal;
using tests::seconds;
using tests::Seen;

/// A session whose calls of /v2/images get these results one after the other.
class CallOf {
public:
    explicit CallOf(const std::vector<HttpResult>& results) {
        scape.give_tokens();
        scape.http.on("PUT", "/v2/images", results);
    }

    CallResult make(Repeat repeat, net::HttpRequest request = {}) {
        request.method = "PUT";
        request.url = "/v2/images?limit=1";
        return session("").call(std::move(request), repeat);
    }

    Refusal refusal(Repeat repeat) {
        return tests::refusal_of([&] { make(repeat); });
    }

    Session session(const std::string& region) {
        return {scape.source(), region, scape.http, scape.options(), scape.reporter};
    }

    /// Calls of the image service.
    [[nodiscard]] std::size_t tries() const { return scape.http.calls("/v2/images").size(); }

    Cloudscape scape{};
};

TEST(Session, calls_with_a_token) {
    CallOf call({tests::answer(200, "body", {{"etag", "e"}})});
    const CallResult result = call.make(Repeat::freely, {.headers = {"X-Own: 1"}, .body = "sent"});
    EXPECT_EQ(result.answer.status, 200);
    EXPECT_EQ(result.answer.body, "body");
    EXPECT_EQ(result.answer.header("etag"), "e");
    EXPECT_FALSE(result.uncertain);
    EXPECT_THAT(
        call.scape.http.calls(),
        ElementsAre("POST http://keystone/v3/auth/tokens", "PUT http://image/v2/images?limit=1"));
    EXPECT_EQ(call.scape.http.asked[1].body, "sent");
    EXPECT_THAT(call.scape.http.asked[1].headers,
                ElementsAre("X-Own: 1", "Accept: application/json", "X-Auth-Token: token-1"));
    EXPECT_EQ(call.scape.http.requests[1].total, seconds(120));
}

TEST(Session, leaves_the_callers_accept_and_time_alone) {
    CallOf call({tests::answer(204)});
    call.make(Repeat::freely, {.headers = {"accept: */*"}, .total = seconds(5)});
    EXPECT_THAT(call.scape.http.asked[1].headers,
                ElementsAre("accept: */*", "X-Auth-Token: token-1"));
    EXPECT_EQ(call.scape.http.requests[1].total, seconds(5));
}

TEST(Session, gives_large_transfers_all_the_time) {
    CallOf call({tests::answer(204)});
    call.make(Repeat::freely, {.upload = net::UploadBody{.read = [](char*, std::size_t) {
                                   return std::size_t{0};
                               }}});
    EXPECT_EQ(call.scape.http.requests[1].total, seconds(0));
}

TEST(Session, goes_to_its_region) {
    CallOf call({tests::answer(200)});
    Session session = call.session("RegionOne");
    session.call({.method = "GET", .url = "/v2/images"}, Repeat::freely);
    EXPECT_EQ(session.region(), "RegionOne");
    EXPECT_EQ(session.cloud().name, "prod");
    EXPECT_EQ(session.token().project_id, "p1");
    try {
        call.session("RegionTwo").call({.url = "/v2/images"}, Repeat::freely);
        FAIL() << "nothing was thrown";
    } catch (const util::Error& error) {
        EXPECT_THAT(error.what(), HasSubstr("no image service in region 'RegionTwo'"));
    }
}

TEST(Session, keeps_its_token_between_calls) {
    Cloudscape scape;
    scape.give_tokens();
    scape.http.on("GET", "http://image/", std::vector<HttpResult>{tests::answer(200)});
    Session session(scape.source(), "", scape.http, scape.options(), scape.reporter);
    session.call({.url = "/v2/images"}, Repeat::freely);
    session.call({.url = "/v2/images"}, Repeat::freely);
    EXPECT_EQ(scape.given, 1);
    scape.time += seconds(3540);
    session.call({.url = "/v2/images"}, Repeat::freely);
    EXPECT_EQ(scape.given, 2);
}

TEST(Session, returns_answers_that_are_for_the_caller) {
    for (const long status : {200L, 204L, 300L, 400L, 403L, 404L, 409L, 413L, 500L, 501L}) {
        for (const Repeat repeat : {Repeat::freely, Repeat::when_unseen}) {
            CallOf call({tests::answer(status)});
            const CallResult result = call.make(repeat);
            EXPECT_EQ(result.answer.status, status);
            EXPECT_FALSE(result.uncertain);
            EXPECT_EQ(call.tries(), 1U) << status;
        }
    }
}

/// What comes of a first result, when the next would be a success.
struct RepeatCase {
    std::string name;
    HttpResult first;
    bool repeated_freely;
    bool repeated_when_unseen;
};

std::vector<RepeatCase> repeat_cases() {
    using net::FailureKind;
    return {{"429", tests::answer(429), true, true},
            {"502", tests::answer(502), true, false},
            {"503", tests::answer(503), true, true},
            {"504", tests::answer(504), true, false},
            {"refused", tests::broken(Seen::no), true, true},
            {"cut", tests::broken(Seen::maybe), true, false},
            {"short", tests::broken(Seen::maybe, "short", FailureKind::cut_short), true, false},
            {"stalled", tests::broken(Seen::maybe, "slow", FailureKind::stalled), true, false},
            {"slow to connect", tests::broken(Seen::no, "slow", FailureKind::stalled), true, true}};
}

TEST(Session, repeats_what_may_be_repeated) {
    for (const RepeatCase& one : repeat_cases()) {
        CallOf call({one.first, tests::answer(201)});
        const CallResult result = call.make(Repeat::freely);
        EXPECT_EQ(call.tries(), one.repeated_freely ? 2U : 1U) << one.name;
        EXPECT_EQ(result.answer.status, 201) << one.name;
        EXPECT_FALSE(result.uncertain) << one.name;
    }
}

TEST(Session, does_not_repeat_what_the_server_may_have_done) {
    for (const RepeatCase& one : repeat_cases()) {
        CallOf call({one.first, tests::answer(201)});
        const CallResult result = call.make(Repeat::when_unseen);
        EXPECT_EQ(call.tries(), one.repeated_when_unseen ? 2U : 1U) << one.name;
        EXPECT_EQ(result.uncertain, !one.repeated_when_unseen) << one.name;
        EXPECT_EQ(result.answer.status, one.repeated_when_unseen ? 201 : 0) << one.name;
        EXPECT_EQ(result.reason.empty(), one.repeated_when_unseen) << one.name;
    }
}

TEST(Session, says_why_it_is_uncertain) {
    EXPECT_EQ(CallOf({tests::answer(504)}).make(Repeat::when_unseen).reason,
              "the server answered 504");
    EXPECT_EQ(CallOf({tests::broken(Seen::maybe, "cut")}).make(Repeat::when_unseen).reason, "cut");
}

TEST(Session, may_become_uncertain_at_a_later_try) {
    CallOf call({tests::answer(503), tests::broken(Seen::maybe)});
    EXPECT_TRUE(call.make(Repeat::when_unseen).uncertain);
    EXPECT_EQ(call.tries(), 2U);
}

TEST(Session, waits_longer_each_time_and_says_so) {
    CallOf call({tests::answer(503),
                 tests::broken(Seen::maybe, "the connection broke"),
                 tests::answer(429),
                 tests::answer(200)});
    call.make(Repeat::freely);
    EXPECT_THAT(call.scape.warnings(),
                ElementsAre("'PUT /v2/images': the server answered 503; trying again in 1.0 s",
                            "'PUT /v2/images': the connection broke; trying again in 2.0 s",
                            "'PUT /v2/images': the server answered 429; trying again in 4.0 s"));
    EXPECT_EQ(call.scape.slept, seconds(7));
    EXPECT_EQ(call.scape.longest_slice, milliseconds(100));
    EXPECT_EQ(call.scape.waits, 70);
}

TEST(Session, waits_as_long_as_the_server_asks) {
    const std::vector<std::pair<std::string, seconds>> cases = {
        {"5", seconds(5)},
        {"0", seconds(1)},
        {"-3", seconds(1)},
        {"soon", seconds(1)},
        {"99999999999999999999", seconds(1)},
        {"3600", seconds(30)},
        {"Fri, 20 Nov 2026 22:00:09 GMT", seconds(9)},
        {"Fri, 20 Nov 2026 21:00:00 GMT", seconds(1)}};
    for (const auto& [value, pause] : cases) {
        CallOf call({tests::answer(503, "", {{"retry-after", value}}), tests::answer(200)});
        call.make(Repeat::freely);
        EXPECT_EQ(call.scape.slept, pause) << value;
    }
}

TEST(Session, measures_a_date_by_the_clock_of_the_server) {
    CallOf call({tests::answer(503,
                               "",
                               {{"retry-after", "Sat, 21 Nov 2026 00:00:06 GMT"},
                                {"date", "Sat, 21 Nov 2026 00:00:00 GMT"}}),
                 tests::answer(200)});
    call.make(Repeat::freely);
    EXPECT_EQ(call.scape.slept, seconds(6));
}

TEST(Session, gives_up_after_all_tries) {
    CallOf busy({tests::answer(503)});
    Refusal refusal = busy.refusal(Repeat::when_unseen);
    EXPECT_EQ(busy.tries(), 4U);
    EXPECT_EQ(refusal.problem, Problem::unavailable);
    EXPECT_EQ(refusal.info.what, "'PUT /v2/images': the server answered 503 (tried 4 times)");
    EXPECT_THAT(refusal.info.hint, HasSubstr("try again later"));
    EXPECT_EQ(refusal.info.code, util::ExitCode::remote);

    CallOf away({tests::broken(Seen::no, "connection refused")});
    refusal = away.refusal(Repeat::freely);
    EXPECT_EQ(away.tries(), 4U);
    EXPECT_EQ(refusal.problem, Problem::unavailable);
    EXPECT_THAT(refusal.info.what, HasSubstr("connection refused (tried 4 times)"));
    EXPECT_THAT(refusal.info.hint, HasSubstr("network"));
}

TEST(Session, does_not_repeat_what_will_not_change) {
    using net::FailureKind;
    const std::vector<std::pair<FailureKind, std::string>> cases = {
        {FailureKind::untrusted, "cacert"},
        {FailureKind::untrusted, "--insecure"},
        {FailureKind::bad_address, "is the address right?"},
        {FailureKind::too_large, "right service"}};
    for (const auto& [kind, hint] : cases) {
        CallOf call({tests::broken(Seen::no, "it is wrong", kind)});
        const Refusal refusal = call.refusal(Repeat::freely);
        EXPECT_EQ(call.tries(), 1U);
        EXPECT_EQ(refusal.problem, Problem::unavailable);
        EXPECT_EQ(refusal.info.what, "'PUT /v2/images': it is wrong");
        EXPECT_THAT(refusal.info.hint, HasSubstr(hint));
    }
}

TEST(Session, takes_a_new_token_once_when_one_is_refused) {
    for (const Repeat repeat : {Repeat::freely, Repeat::when_unseen}) {
        CallOf call({tests::answer(401), tests::answer(200)});
        EXPECT_EQ(call.make(repeat).answer.status, 200);
        EXPECT_EQ(call.scape.http.asked[1].header("X-Auth-Token"), "token-1");
        EXPECT_EQ(call.scape.http.asked[3].header("X-Auth-Token"), "token-2");
        EXPECT_EQ(call.scape.slept, seconds(0));
        EXPECT_THAT(call.scape.warnings(), IsEmpty());
    }
}

TEST(Session, tells_when_a_fresh_token_is_refused) {
    CallOf call({tests::answer(401)});
    const Refusal refusal = call.refusal(Repeat::freely);
    EXPECT_EQ(call.tries(), 2U);
    EXPECT_EQ(call.scape.given, 2);
    EXPECT_EQ(refusal.problem, Problem::unauthorized);
    EXPECT_EQ(refusal.info.what,
              "'PUT /v2/images': the image service of cloud 'prod' refuses a token that Keystone "
              "has just given");
    EXPECT_EQ(refusal.info.code, util::ExitCode::remote);
}

TEST(Session, survives_a_token_that_ends_during_long_pauses) {
    CallOf call({tests::answer(401), tests::answer(503), tests::answer(401), tests::answer(200)});
    EXPECT_EQ(call.make(Repeat::freely).answer.status, 200);
    EXPECT_EQ(call.scape.given, 3);
}

TEST(Session, says_that_keystone_is_away_when_it_is) {
    Cloudscape scape;
    scape.http.on("POST",
                  "/auth/tokens",
                  std::vector<HttpResult>{tests::token_answer("t"), tests::broken(Seen::no)});
    scape.http.on("GET", "/v2/images", std::vector<HttpResult>{tests::answer(401)});
    Session session(scape.source(), "", scape.http, scape.options(), scape.reporter);
    const Refusal refusal =
        tests::refusal_of([&] { session.call({.url = "/v2/images"}, Repeat::freely); });
    EXPECT_EQ(refusal.problem, Problem::unavailable);
    EXPECT_THAT(refusal.info.what, HasSubstr("log in at 'http://keystone/v3'"));
}

TEST(Session, starts_an_upload_over_before_each_try) {
    CallOf call({tests::answer(503), tests::answer(401), tests::answer(204)});
    const std::string data = "the data of an image";
    std::size_t at = data.size();
    const net::UploadBody upload = {.size = data.size(),
                                    .read =
                                        [&](char* buffer, std::size_t capacity) {
                                            const std::size_t count =
                                                data.copy(buffer, capacity, at);
                                            at += count;
                                            return count;
                                        },
                                    .rewind = [&] { at = 0; }};
    EXPECT_EQ(call.make(Repeat::when_unseen, {.upload = upload}).answer.status, 204);
    std::vector<std::string> bodies;
    for (const tests::FakeHttp::Asked& one : call.scape.http.asked) {
        if (one.method == "PUT") {
            bodies.push_back(one.body);
        }
    }
    EXPECT_THAT(bodies, ElementsAre(data, data, data));
}

TEST(Session, lets_what_waits_end_the_call) {
    CallOf call({tests::answer(503)});
    store::SessionOptions options = call.scape.options();
    options.on_wait = [] { throw std::runtime_error("interrupted"); };
    Session session(call.scape.source(), "", call.scape.http, options, call.scape.reporter);
    EXPECT_THROW(session.call({.method = "PUT", .url = "/v2/images"}, Repeat::freely),
                 std::runtime_error);
    EXPECT_EQ(call.tries(), 1U);
}

TEST(Session, shows_no_secret) {
    const std::string reason = "no 'token-1' with 's3cret'";
    CallOf call({tests::broken(Seen::no, reason)});
    const Refusal refusal = call.refusal(Repeat::freely);
    EXPECT_THAT(refusal.info.what, HasSubstr("no '<hidden>' with '<hidden>'"));
    EXPECT_THAT(call.scape.warnings(), Each(Not(HasSubstr("token-1"))));
    EXPECT_EQ(CallOf({tests::broken(Seen::maybe, reason)}).make(Repeat::when_unseen).reason,
              "no '<hidden>' with '<hidden>'");
}

} // namespace
} // namespace kiln
