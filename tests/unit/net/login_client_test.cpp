#include "net/login_client.hpp"
#include "net/url.hpp"

#include <gmock/gmock.h>

namespace kiln {
namespace {

using testing::Pair;
using testing::UnorderedElementsAre;

TEST(TakeLogin, splits_a_url) {
    EXPECT_EQ(net::take_login("https://me:a@b@host:8/x@y").url, "https://host:8/x@y");
    EXPECT_EQ(net::take_login("https://me:a@b@host:8/x@y").login, "me:a@b");
    EXPECT_EQ(net::take_login("https://host/x@y").login, "");
    EXPECT_EQ(net::take_login("me@host").url, "me@host");
}

TEST(ServerOf, is_scheme_host_and_port) {
    EXPECT_EQ(net::server_of("https://me@host:8/path?q"), "https://host:8");
    EXPECT_EQ(net::server_of("http://host"), "http://host");
    EXPECT_EQ(net::server_of("/no/url"), "");
}

TEST(LoginsIn, are_those_of_urls) {
    EXPECT_THAT(
        net::logins_in({"http://a:b@one/x", "http://c:d@one/y", "http://two/", "a:b@three"}),
        UnorderedElementsAre(Pair("http://one", "a:b")));
}

/// Remembers what it was asked for.
class Listener : public net::Client {
public:
    net::Document get(const net::DocumentRequest& request) override {
        asked.push_back(request.url);
        return {};
    }

    net::FileResult download(const net::FileRequest& request) override {
        asked.push_back(request.url);
        return {};
    }

    std::vector<std::string> asked;
};

TEST(LoginClient, adds_the_login_of_the_server) {
    Listener next;
    net::LoginClient client(next, {{"http://one", "a:b"}});
    client.get({.url = "http://one/list"});
    client.get_all({{.url = "http://two/list"}, {.url = "http://x:y@one/other"}});
    client.download({.url = "http://one/file", .path = "/nowhere"});
    EXPECT_THAT(next.asked,
                testing::ElementsAre("http://a:b@one/list",
                                     "http://two/list",
                                     "http://x:y@one/other",
                                     "http://a:b@one/file"));
}

} // namespace
} // namespace kiln
