#include "store/glance/image_client.hpp"
#include "store/store_error.hpp"
#include "support/fake_http.hpp"
#include "support/memory_reporter.hpp"
#include "unit/util/test_files.hpp"

#include <gmock/gmock.h>

namespace kiln::tests {
namespace {

using store::Image;
using store::ImageClient;
using store::Problem;
using store::StoreError;
using testing::ElementsAre;

const std::string k_token = R"({"token": {"expires_at": "2099-01-01T00:00:00.000000Z",
    "project": {"id": "p1"}, "user": {"name": "me"}, "roles": [{"name": "member"}],
    "catalog": [{"type": "image", "endpoints": [
        {"interface": "public", "region": "R", "url": "http://image"}]}]}})";

std::string image_text(const std::string& id, const std::string& status, std::uint64_t size = 0) {
    return R"({"id": ")" + id + R"(", "name": "web", "status": ")" + status + R"(", "size": )" +
           std::to_string(size) + "}";
}

/// Bytes in memory as an image's data.
class Data {
public:
    explicit Data(std::string text) : text_(std::move(text)) {}

    store::ImageData data() {
        return {.size = text_.size(),
                .read =
                    [this](char* buffer, std::size_t capacity) {
                        const std::size_t count = text_.copy(buffer, capacity, done_);
                        done_ += count;
                        return count;
                    },
                .rewind = [this] { done_ = 0; }};
    }

private:
    std::string text_;
    std::size_t done_ = 0;
};

/// A client of a service in memory, whose pauses take no time.
class ImageClientTest : public testing::Test {
protected:
    ImageClientTest() {
        http.on("POST",
                "/auth/tokens",
                std::vector<net::HttpResult>{answer(201, k_token, {{"x-subject-token", "t"}})});
    }

    /// Calls of the image service, without its address.
    std::vector<std::string> calls() const {
        std::vector<std::string> lines;
        for (const std::string& line : http.calls("http://image")) {
            std::string shown = line;
            shown.erase(shown.find("http://image"), 12);
            lines.push_back(shown);
        }
        return lines;
    }

    static store::SessionOptions options() {
        return {.sleep = [](std::chrono::milliseconds) {}, .jitter = [] { return 0.5; }};
    }

    static store::Cloud cloud() {
        return {
            .name = "c", .auth_url = "http://keystone/v3", .user = {.id = "u"}, .password = "p"};
    }

    using Results = std::vector<net::HttpResult>;

    FakeHttp http;
    MemoryReporter reporter;
    store::Session session{
        std::make_shared<store::TokenSource>(cloud(), options()), "R", http, options(), reporter};
    ImageClient client{session};
};

TEST_F(ImageClientTest, ListFiltersAtTheServer) {
    EXPECT_EQ(store::list_query({.hidden = store::ImageFilter::Hidden::only,
                                 .name = "a b",
                                 .tags = {"t1", "t2"},
                                 .owner = "p1",
                                 .properties = {{"image_name", "w&b"}}},
                                "m"),
              "limit=1000&os_hidden=true&tag=t1&tag=t2&name=a%20b&owner=p1&image_name=w%26b&"
              "marker=m");
}

TEST_F(ImageClientTest, ValuesThatWouldBeOperatorsAreComparedHere) {
    EXPECT_EQ(store::list_query({.name = "in:a,b"}, ""), "limit=1000");
    http.on("GET",
            "/v2/images",
            Results{answer(
                200, R"({"images": [{"id": "1", "name": "a"}, {"id": "2", "name": "in:a,b"}]})")});
    const std::vector<Image> images = client.list({.name = "in:a,b"});
    ASSERT_EQ(images.size(), 1U);
    EXPECT_EQ(images[0].id, "2");
}

TEST_F(ImageClientTest, PagesAreAskedForWithAllTags) {
    http.on(
        "GET",
        "/v2/images",
        Results{answer(200, R"({"images": [{"id": "1", "tags": ["t1", "t2"]}], "next": "/bad"})"),
                answer(200, R"({"images": [{"id": "2", "tags": ["t1", "t2"]}]})")});
    EXPECT_EQ(client.list({.tags = {"t1", "t2"}}).size(), 2U);
    EXPECT_THAT(calls(),
                ElementsAre("GET /v2/images?limit=1000&tag=t1&tag=t2",
                            "GET /v2/images?limit=1000&tag=t1&tag=t2&marker=1"));
}

TEST_F(ImageClientTest, ListBeginsAnewWhenItsMarkerIsGone) {
    http.on("GET",
            "/v2/images",
            Results{answer(200, R"({"images": [{"id": "1"}], "next": "/x"})"),
                    answer(400, "No image found with ID 1"),
                    answer(200, R"({"images": [{"id": "2"}, {"id": "2"}]})")});
    const std::vector<Image> images = client.list({});
    ASSERT_EQ(images.size(), 1U);
    EXPECT_EQ(images[0].id, "2");
}

TEST_F(ImageClientTest, CreateWhoseAnswerWasLostIsFound) {
    http.on("POST", "/v2/images", Results{broken(Seen::maybe)});
    http.on("GET", "/v2/images/", Results{answer(200, image_text("9", "queued"))});
    EXPECT_EQ(client.create({.name = "web"}).id, "9");
    EXPECT_EQ(http.calls("POST http://image").size(), 1U);
}

TEST_F(ImageClientTest, CreateThatDidNotArriveIsMadeAgainUnderTheSameId) {
    http.on(
        "POST", "/v2/images", Results{broken(Seen::maybe), answer(201, image_text("9", "queued"))});
    EXPECT_EQ(client.create({.name = "web"}).id, "9");
    std::vector<std::string> bodies;
    for (const FakeHttp::Asked& asked : http.asked) {
        if (asked.method == "POST" && asked.url == "http://image/v2/images") {
            bodies.push_back(asked.body);
        }
    }
    ASSERT_EQ(bodies.size(), 2U);
    EXPECT_EQ(bodies[0], bodies[1]);
}

TEST_F(ImageClientTest, UploadWhoseAnswerWasLostIsNotRepeated) {
    http.on("PUT", "/file", Results{broken(Seen::maybe)});
    http.on("GET", "/v2/images/9", Results{answer(200, image_text("9", "active", 3))});
    Data data("abc");
    EXPECT_TRUE(client.put_data("9", data.data()).is_complete());
    EXPECT_EQ(http.calls("/file").size(), 1U);
}

TEST_F(ImageClientTest, UploadThatBrokeIsRepeatedFromItsStart) {
    http.on("PUT", "/file", Results{broken(Seen::maybe), answer(204)});
    http.on("GET",
            "/v2/images/9",
            Results{answer(200, image_text("9", "saving")),
                    answer(200, image_text("9", "queued")),
                    answer(200, image_text("9", "active", 3))});
    Data data("abc");
    EXPECT_TRUE(client.put_data("9", data.data()).is_complete());
    ASSERT_EQ(http.calls("/file").size(), 2U);
    for (const FakeHttp::Asked& asked : http.asked) {
        if (asked.method == "PUT") {
            EXPECT_EQ(asked.body, "abc");
        }
    }
}

TEST_F(ImageClientTest, UploadThatStaysSavingIsGivenUp) {
    http.on("PUT", "/file", Results{broken(Seen::maybe)});
    http.on("GET", "/v2/images/9", Results{answer(200, image_text("9", "saving"))});
    Data data("abc");
    try {
        client.put_data("9", data.data());
        FAIL();
    } catch (const StoreError& error) {
        EXPECT_EQ(error.problem(), Problem::unavailable);
    }
}

TEST_F(ImageClientTest, RefusedUploadTellsTheServersWords) {
    http.on("PUT",
            "/file",
            Results{answer(
                413, "<h1>413</h1>Image exceeds the storage quota: 5 bytes remaining.<br />")});
    Data data("abc");
    try {
        client.put_data("9", data.data());
        FAIL();
    } catch (const StoreError& error) {
        EXPECT_EQ(error.problem(), Problem::quota);
        EXPECT_THAT(error.what(),
                    testing::HasSubstr("exceeds the storage quota: 5 bytes remaining"));
        EXPECT_FALSE(error.info().hint.empty());
    }
}

TEST_F(ImageClientTest, StoreOfTheServiceIsNamed) {
    http.on("PUT", "/file", Results{answer(204)});
    http.on("GET", "/v2/images/9", Results{answer(200, image_text("9", "active", 3))});
    Data data("abc");
    client.put_data("9", data.data(), "second");
    bool seen = false;
    for (const FakeHttp::Asked& asked : http.asked) {
        seen = seen || asked.header("X-Image-Meta-Store") == "second";
    }
    EXPECT_TRUE(seen);
}

TEST_F(ImageClientTest, RemovalOfAPropertyThatIsGoneIsDone) {
    http.on("PATCH",
            "/v2/images/9",
            Results{answer(409, "Property gone does not exist."),
                    answer(200, image_text("9", "active"))});
    http.on("GET", "/v2/images/9", Results{answer(200, image_text("9", "active"))});
    client.update("9", {.name = "n", .properties = {{"gone", std::nullopt}}});
    EXPECT_EQ(http.asked.back().body, R"([{"op":"add","path":"/name","value":"n"}])");
}

TEST_F(ImageClientTest, ConflictOfAnotherKindIsAnError) {
    http.on("PATCH", "/v2/images/9", Results{answer(409, "busy")});
    EXPECT_THROW(client.update("9", {.name = "n"}), StoreError);
    EXPECT_EQ(http.calls("PATCH").size(), 1U);
}

TEST_F(ImageClientTest, RemovalsHaveOutcomes) {
    const auto outcome = [&](long status, const std::string& body) {
        http.on("DELETE", "/v2/images/9", Results{answer(status, body)});
        return client.remove("9");
    };
    EXPECT_EQ(outcome(204, ""), store::Removal::removed);
    EXPECT_EQ(outcome(404, ""), store::Removal::absent);
    EXPECT_EQ(outcome(409, ""), store::Removal::in_use);
    EXPECT_EQ(outcome(403, "Image 9 is protected and cannot be deleted."),
              store::Removal::is_protected);
    EXPECT_THROW(outcome(403, "not authorized"), StoreError);
}

TEST_F(ImageClientTest, FailedImportTellsWhy) {
    http.on(
        "GET",
        "/v2/images/9",
        Results{
            answer(200, R"({"id": "9", "status": "importing"})"),
            answer(200, R"({"id": "9", "status": "queued", "os_glance_failed_import": "first"})")});
    http.on("GET",
            "/tasks",
            Results{answer(200, R"({"tasks": [{"status": "failure", "message": "no space"}]})")});
    try {
        client.wait_for_import("9", std::chrono::seconds(60));
        FAIL();
    } catch (const StoreError& error) {
        EXPECT_THAT(error.what(), testing::HasSubstr("failed in store 'first': no space"));
    }
}

TEST_F(ImageClientTest, ImportThatNeverEndsIsGivenUp) {
    http.on("GET", "/v2/images/9", Results{answer(200, R"({"id": "9", "status": "importing"})")});
    EXPECT_THROW(client.wait_for_import("9", std::chrono::seconds(60)), StoreError);
}

TEST_F(ImageClientTest, CopyIsDoneWhenNoStoreIsLeft) {
    http.on(
        "GET",
        "/v2/images/9",
        Results{
            answer(200,
                   R"({"id": "9", "status": "active", "os_glance_importing_to_stores": "second"})"),
            answer(200, R"({"id": "9", "status": "active", "stores": "first,second"})")});
    EXPECT_EQ(client.wait_for_import("9", std::chrono::seconds(60)).stores, "first,second");
}

TEST_F(ImageClientTest, ImportNamesMethodAndStores) {
    http.on("GET", "/v2/images/9", Results{answer(200, image_text("9", "queued"))});
    http.on("POST", "/import", Results{answer(202)});
    client.start_import("9",
                        {.method = store::ImportRequest::Method::web_download,
                         .uri = "http://x/y",
                         .stores = {"second"},
                         .all_must_succeed = false});
    EXPECT_EQ(
        http.asked.back().body,
        R"({"all_stores_must_succeed":false,"method":{"name":"web-download","uri":"http://x/y"},"stores":["second"]})");
}

TEST_F(ImageClientTest, DownloadGoesOnWhereItBroke) {
    const TestFiles files;
    files.write("part", "ab");
    http.on("GET", "/file", Results{answer(206, "cd"), answer(206, "e")});
    Image image = {.id = "9", .status = store::ImageStatus::active, .size = 5};
    client.get_data(image, files / "part", [](std::uint64_t, std::uint64_t) {});
    EXPECT_EQ(files.read("part"), "abcde");
    EXPECT_EQ(http.asked.back().header("Range"), "bytes=4-");
}

TEST_F(ImageClientTest, DownloadStartsOverWhereRangesAreNotKnown) {
    const TestFiles files;
    files.write("part", "xx");
    http.on("GET", "/file", Results{answer(200, "abcde")});
    Image image = {.id = "9", .status = store::ImageStatus::active, .size = 5};
    client.get_data(image, files / "part", [](std::uint64_t, std::uint64_t) {});
    EXPECT_EQ(files.read("part"), "abcde");
}

TEST_F(ImageClientTest, DownloadThatBringsNothingIsGivenUp) {
    const TestFiles files;
    http.on("GET", "/file", Results{answer(200, "")});
    Image image = {.id = "9", .status = store::ImageStatus::active, .size = 5};
    EXPECT_THROW(client.get_data(image, files / "part", [](std::uint64_t, std::uint64_t) {}),
                 StoreError);
}

TEST_F(ImageClientTest, MembersMayBeAddedTwice) {
    http.on("POST", "/members", Results{answer(409)});
    EXPECT_NO_THROW(client.add_member("9", "p2"));
    EXPECT_EQ(http.asked.back().body, R"({"member": "p2"})");
}

} // namespace
} // namespace kiln::tests
