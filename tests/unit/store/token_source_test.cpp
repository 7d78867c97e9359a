#include "unit/store/session_fixture.hpp"

#include <gmock/gmock.h>

#include <thread>

namespace kiln {
namespace {

using nlohmann::json;
using store::AuthKind;
using store::Cloud;
using store::Problem;
using store::Token;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using tests::Cloudscape;
using tests::keystone_error;
using tests::Refusal;
using tests::seconds;
using tests::Seen;
using tests::token_answer;

/// The body of the request for a token of that cloud.
json request_of(const Cloud& cloud) {
    Cloudscape scape;
    scape.give_tokens();
    scape.source(cloud)->get(scape.http, scape.reporter);
    return json::parse(scape.http.asked.at(0).body);
}

Refusal refusal_by(const std::vector<net::HttpResult>& results,
                   Cloudscape& scape,
                   const Cloud& cloud = tests::publisher()) {
    scape.http.on("POST", "/auth/tokens", results);
    return tests::refusal_of([&] { scape.source(cloud)->get(scape.http, scape.reporter); });
}

Refusal refusal_by(const net::HttpResult& result, const Cloud& cloud = tests::publisher()) {
    Cloudscape scape;
    return refusal_by({result}, scape, cloud);
}

TEST(TokenSource, asks_keystone) {
    Cloudscape scape;
    scape.give_tokens();
    const Token token = scape.source()->get(scape.http, scape.reporter);
    EXPECT_THAT(scape.http.calls(), ElementsAre("POST http://keystone/v3/auth/tokens"));
    EXPECT_EQ(scape.http.asked[0].header("Content-Type"), "application/json");
    EXPECT_EQ(scape.http.requests[0].total, seconds(120));
    EXPECT_EQ(token.value, "token-1");
    EXPECT_EQ(token.expires, tests::k_start + seconds(3600));
    EXPECT_EQ(token.project_id, "p1");
    EXPECT_EQ(token.user_name, "publisher");
    EXPECT_THAT(token.roles, ElementsAre("member", "reader"));
    ASSERT_EQ(token.catalog.size(), 3U);
    EXPECT_EQ(token.catalog[2].service, "image");
    EXPECT_EQ(token.catalog[2].region, "RegionOne");
    EXPECT_EQ(token.catalog[2].interface, "internal");
    EXPECT_EQ(token.catalog[2].url, "http://inner");
}

TEST(TokenRequest, logs_in_with_a_password) {
    EXPECT_EQ(request_of(tests::publisher()), json::parse(R"({"auth": {
        "identity": {"methods": ["password"], "password": {"user": {
            "name": "publisher", "domain": {"id": "default"}, "password": "s3cret"}}},
        "scope": {"project": {"name": "images", "domain": {"id": "default"}}}}})"));
}

TEST(TokenRequest, prefers_ids) {
    Cloud cloud = tests::publisher();
    cloud.user = {.id = "u1", .name = "publisher", .domain_id = "default"};
    cloud.project = {.id = "p1", .domain_name = "Default"};
    EXPECT_EQ(request_of(cloud), json::parse(R"({"auth": {
        "identity": {"methods": ["password"], "password": {"user": {
            "id": "u1", "password": "s3cret"}}},
        "scope": {"project": {"id": "p1"}}}})"));
}

TEST(TokenRequest, names_domains) {
    Cloud cloud = tests::publisher();
    cloud.user = {.name = "publisher", .domain_name = "people"};
    cloud.project = {};
    cloud.domain = {.name = "people"};
    EXPECT_EQ(request_of(cloud), json::parse(R"({"auth": {
        "identity": {"methods": ["password"], "password": {"user": {
            "name": "publisher", "domain": {"name": "people"}, "password": "s3cret"}}},
        "scope": {"domain": {"name": "people"}}}})"));
    cloud.domain = {.id = "d1"};
    EXPECT_EQ(request_of(cloud).at("auth").at("scope"), json::parse(R"({"domain": {"id": "d1"}})"));
}

TEST(TokenRequest, knows_the_whole_system_and_no_scope) {
    Cloud cloud = tests::publisher();
    cloud.project = {};
    EXPECT_FALSE(request_of(cloud).at("auth").contains("scope"));
    cloud.system_scope = true;
    EXPECT_EQ(request_of(cloud).at("auth").at("scope"),
              json::parse(R"({"system": {"all": true}})"));
}

TEST(TokenRequest, gives_an_application_credential_no_scope) {
    Cloud cloud = tests::publisher();
    cloud.auth = AuthKind::application_credential;
    cloud.credential = {.id = "abc"};
    cloud.credential_secret = "hush";
    EXPECT_EQ(request_of(cloud), json::parse(R"({"auth": {"identity": {
        "methods": ["application_credential"],
        "application_credential": {"id": "abc", "secret": "hush"}}}})"));
    cloud.credential = {.name = "app"};
    EXPECT_EQ(request_of(cloud), json::parse(R"({"auth": {"identity": {
        "methods": ["application_credential"],
        "application_credential": {"name": "app", "secret": "hush",
            "user": {"name": "publisher", "domain": {"id": "default"}}}}}})"));
}

TEST(TokenRequest, trades_a_token_for_another) {
    Cloud cloud = tests::publisher();
    cloud.auth = AuthKind::token;
    cloud.token = "gAAA";
    EXPECT_EQ(request_of(cloud), json::parse(R"({"auth": {
        "identity": {"methods": ["token"], "token": {"id": "gAAA"}},
        "scope": {"project": {"name": "images", "domain": {"id": "default"}}}}})"));
}

TEST(TokenRequest, refuses_what_is_not_utf8) {
    Cloud cloud = tests::publisher();
    cloud.password = "s3cret\xe4";
    Cloudscape scape;
    try {
        scape.source(cloud)->get(scape.http, scape.reporter);
        FAIL() << "nothing was thrown";
    } catch (const util::Error& error) {
        EXPECT_EQ(error.info().what, "a setting of cloud 'prod' is not UTF-8");
        EXPECT_EQ(error.info().code, util::ExitCode::usage);
    }
}

struct RenewalCase {
    std::string expires_at;
    std::string date;
    seconds kept;
};

TEST(TokenSource, renews_in_time_by_the_clock_of_the_server) {
    const std::vector<RenewalCase> cases = {
        {"2026-11-20T23:00:00.000000Z", tests::k_server_start, seconds(3540)},
        {"2026-11-20T22:02:00.000000Z", tests::k_server_start, seconds(60)},
        {"2026-11-20T22:01:58.000000Z", tests::k_server_start, seconds(59)},
        {"2026-11-20T22:00:04Z", tests::k_server_start, seconds(2)},
        // The server's clock is a day behind, or two hours ahead.
        {"2026-11-19T23:00:00.000000Z", "Thu, 19 Nov 2026 22:00:00 GMT", seconds(3540)},
        {"2026-11-21T01:00:00.000000Z", "Sat, 21 Nov 2026 00:00:00 GMT", seconds(3540)},
        // Without a date, what the token says of itself.
        {"2026-11-20T22:10:00.000000Z", "", seconds(540)}};
    for (const RenewalCase& one : cases) {
        SCOPED_TRACE(one.expires_at + " at " + one.date);
        Cloudscape scape;
        scape.http.on("POST",
                      "/auth/tokens",
                      std::vector<net::HttpResult>{token_answer("old", one.expires_at, one.date),
                                                   token_answer("new")});
        const auto source = scape.source();
        EXPECT_EQ(source->get(scape.http, scape.reporter).value, "old");
        scape.time += one.kept - seconds(1);
        EXPECT_EQ(source->get(scape.http, scape.reporter).value, "old");
        scape.time += seconds(1);
        EXPECT_EQ(source->get(scape.http, scape.reporter).value, "new");
    }
}

TEST(TokenSource, replaces_a_token_that_was_refused) {
    Cloudscape scape;
    scape.give_tokens();
    const auto source = scape.source();
    EXPECT_EQ(source->get(scape.http, scape.reporter).value, "token-1");
    source->discard("another");
    EXPECT_EQ(source->get(scape.http, scape.reporter).value, "token-1");
    source->discard("token-1");
    EXPECT_EQ(source->get(scape.http, scape.reporter).value, "token-2");
}

TEST(TokenSource, makes_one_token_for_many_threads) {
    Cloudscape scape;
    scape.give_tokens();
    const auto source = scape.source();
    std::vector<std::thread> threads;
    threads.reserve(8);
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back(
            [&] { EXPECT_EQ(source->get(scape.http, scape.reporter).value, "token-1"); });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(scape.http.asked.size(), 1U);
}

TEST(TokenSource, tries_again_while_keystone_is_busy_or_away) {
    for (const net::HttpResult& failure : {tests::answer(429),
                                           tests::answer(502),
                                           tests::answer(503),
                                           tests::answer(504),
                                           tests::broken(Seen::maybe),
                                           tests::broken(Seen::no)}) {
        Cloudscape scape;
        scape.http.on("POST",
                      "/auth/tokens",
                      std::vector<net::HttpResult>{failure, failure, token_answer("late")});
        EXPECT_EQ(scape.source()->get(scape.http, scape.reporter).value, "late");
        EXPECT_EQ(scape.slept, seconds(1 + 2));
        EXPECT_EQ(scape.warnings().size(), 2U);
    }
}

TEST(TokenSource, says_why_it_tries_again_and_how_soon) {
    Cloudscape scape;
    scape.http.on("POST",
                  "/auth/tokens",
                  std::vector<net::HttpResult>{tests::answer(503, "", {{"retry-after", "7"}}),
                                               tests::broken(Seen::no, "no s3cret here"),
                                               token_answer("late")});
    scape.source()->get(scape.http, scape.reporter);
    EXPECT_THAT(scape.warnings(),
                ElementsAre("log in at 'http://keystone/v3': the server answered 503; trying "
                            "again in 7.0 s",
                            "log in at 'http://keystone/v3': no <hidden> here; trying again in "
                            "2.0 s"));
}

TEST(TokenSource, gives_up_after_all_tries) {
    Cloudscape scape;
    const Refusal refusal = refusal_by({tests::answer(503)}, scape);
    EXPECT_EQ(scape.http.asked.size(), 4U);
    EXPECT_EQ(refusal.problem, Problem::unavailable);
    EXPECT_EQ(refusal.info.what,
              "log in at 'http://keystone/v3': the server answered 503 (tried 4 times)");
    EXPECT_EQ(refusal.info.code, util::ExitCode::remote);
    EXPECT_NE(refusal.info.hint, "");
}

TEST(TokenSource, does_not_repeat_what_will_not_change) {
    for (const net::FailureKind kind :
         {net::FailureKind::untrusted, net::FailureKind::bad_address}) {
        Cloudscape scape;
        const Refusal refusal = refusal_by({tests::broken(Seen::no, "it is wrong", kind)}, scape);
        EXPECT_EQ(scape.http.asked.size(), 1U);
        EXPECT_EQ(refusal.problem, Problem::unavailable);
        EXPECT_EQ(refusal.info.what, "log in at 'http://keystone/v3': it is wrong");
        EXPECT_THAT(refusal.info.hint,
                    HasSubstr(kind == net::FailureKind::untrusted ? "--insecure" : "auth_url"));
    }
}

TEST(TokenSource, says_who_cannot_log_in) {
    const net::HttpResult denied =
        keystone_error(401, "The request you have made requires authentication.");
    Cloudscape scape;
    const Refusal refusal = refusal_by({denied}, scape);
    EXPECT_EQ(scape.http.asked.size(), 1U);
    EXPECT_EQ(refusal.problem, Problem::unauthorized);
    EXPECT_EQ(refusal.info.what,
              "user 'publisher' cannot log in at 'http://keystone/v3': The request you have made "
              "requires authentication.");
    EXPECT_EQ(refusal.info.hint,
              "look at user, password, domains and project of cloud 'prod': are they right, and "
              "has the user a role in the project?");
    EXPECT_EQ(refusal.info.code, util::ExitCode::remote);

    Cloud cloud = tests::publisher();
    cloud.auth = AuthKind::application_credential;
    cloud.credential = {.id = "abc"};
    EXPECT_THAT(refusal_by(denied, cloud).info.what,
                HasSubstr("application credential 'abc' cannot log in"));
    cloud.auth = AuthKind::token;
    EXPECT_THAT(refusal_by(denied, cloud).info.what,
                HasSubstr("the token of cloud 'prod' cannot log in"));
}

TEST(TokenSource, tells_other_answers_in_words) {
    struct Case {
        net::HttpResult result;
        Problem problem;
        std::string what;
        std::string hint;
    };

    const std::vector<Case> cases = {
        {keystone_error(403, "The account is locked"), Problem::forbidden, "locked", "locked"},
        {tests::answer(404, "<html>"), Problem::unavailable, "answered 404", "no Keystone v3"},
        {keystone_error(500, "oops"), Problem::unavailable, "oops", "later"},
        {tests::answer(301, "", {{"location", "https://new/v3?x=1"}}),
         Problem::unavailable,
         "answered 301",
         "'https://new/v3'"},
        {tests::answer(200, "<html>"), Problem::unavailable, "answered 200", "auth_url"}};
    for (const Case& one : cases) {
        const Refusal refusal = refusal_by(one.result);
        EXPECT_EQ(refusal.problem, one.problem);
        EXPECT_THAT(refusal.info.what, HasSubstr(one.what));
        EXPECT_THAT(refusal.info.hint, HasSubstr(one.hint));
    }
}

TEST(TokenSource, hides_secrets_in_what_the_server_says) {
    const Refusal refusal = refusal_by(keystone_error(400, "Invalid input:\n's3cret'"));
    EXPECT_EQ(refusal.problem, Problem::invalid);
    EXPECT_THAT(refusal.info.what, HasSubstr("Invalid input: '<hidden>'"));
    EXPECT_THAT(refusal.info.what + refusal.info.hint, Not(HasSubstr("s3cret")));
}

TEST(TokenSource, notices_what_is_no_keystone) {
    net::HttpResult anonymous = token_answer("x");
    anonymous.answer.headers.clear();
    for (const net::HttpResult& result :
         {anonymous,
          tests::answer(201, "<html>"),
          tests::answer(201, "[]", {{"x-subject-token", "x"}}),
          tests::answer(201, R"({"token": []})", {{"x-subject-token", "x"}}),
          token_answer("x", "soon")}) {
        const Refusal refusal = refusal_by(result);
        EXPECT_EQ(refusal.problem, Problem::unavailable);
        EXPECT_EQ(refusal.info.what, "'http://keystone/v3' does not answer as Keystone v3 does");
    }
}

} // namespace
} // namespace kiln
