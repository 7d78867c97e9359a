#include "unit/net/http_calls.hpp"

#include <fstream>

namespace kiln::tests {
namespace {

using net::FailureKind;
using net::HttpResult;
using nlohmann::json;

class CurlHttpUpload : public HttpCalls {};

TEST_F(CurlHttpUpload, UploadsExactlyWhatIsRead) {
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

TEST_F(CurlHttpUpload, UploadsNothingAsAnEmptyBody) {
    Body body(0);
    const json echo =
        this->echo({.method = "PUT", .url = server.url("/echo"), .upload = body.upload()});
    EXPECT_EQ(echo["headers"]["content-length"], "0");
    EXPECT_FALSE(echo["headers"].contains("expect"));
}

TEST_F(CurlHttpUpload, UploadsToAServerThatDoesNotSayContinue) {
    Body body(2 * k_mebibyte);
    EXPECT_EQ(echo({.method = "PUT", .url = server.url("/deaf"), .upload = body.upload()})["size"],
              2 * k_mebibyte);
}

TEST_F(CurlHttpUpload, TakesAnEarlyRefusalForTheAnswer) {
    Body body(100 * k_mebibyte);
    const HttpResult result =
        send({.method = "PUT", .url = server.url("/refuse/413"), .upload = body.upload()});
    EXPECT_TRUE(result.has_answer()) << result.reason;
    EXPECT_EQ(result.answer.status, 413);
    EXPECT_EQ(result.answer.body, "no");
    EXPECT_EQ(body.given, 0U) << "the server was asked first";
}

TEST_F(CurlHttpUpload, TakesARefusalInTheMiddleOfTheBodyForTheAnswer) {
    for (int i = 0; i < 5; ++i) {
        Body body(100 * k_mebibyte);
        const HttpResult result = send({.method = "PUT",
                                        .url = server.url("/refuse/409/3000000"),
                                        .headers = {"Expect:"},
                                        .upload = body.upload()});
        ASSERT_TRUE(result.has_answer()) << result.reason << " after " << body.given;
        EXPECT_EQ(result.answer.status, 409);
        EXPECT_GT(body.given, 0U);
    }
}

TEST_F(CurlHttpUpload, TakesTheHeadOfARefusalForTheAnswer) {
    Body body(100 * k_mebibyte);
    const HttpResult result = send(
        {.method = "PUT", .url = server.url("/refuse-short/409/3000000"), .upload = body.upload()});
    EXPECT_TRUE(result.has_answer()) << result.reason;
    EXPECT_EQ(result.answer.status, 409);
    EXPECT_EQ(result.answer.body, "no");
}

TEST_F(CurlHttpUpload, TellsOfAnUploadThatTheServerBroke) {
    Body body(100 * k_mebibyte);
    const HttpResult result =
        send({.method = "PUT", .url = server.url("/cut-upload/1000000"), .upload = body.upload()});
    EXPECT_EQ(result.failure, FailureKind::connection);
    EXPECT_NE(result.reason, "");
    EXPECT_EQ(result.answer.status, 0);
    EXPECT_TRUE(result.was_sent);
    EXPECT_EQ(seen("/cut-upload/1000000"), 1);
}

TEST_F(CurlHttpUpload, EndsAnUploadWhoseBodyEndsEarly) {
    Body body(k_mebibyte);
    net::UploadBody upload = body.upload();
    upload.size = 2 * k_mebibyte;
    const HttpResult result = send({.method = "PUT", .url = server.url("/sink"), .upload = upload});
    EXPECT_EQ(result.failure, FailureKind::unreadable);
    EXPECT_EQ(result.reason, "what was to be sent ended after 1048576 of 2097152 bytes");
}

TEST_F(CurlHttpUpload, SendsNoWholeUploadTwiceOverAKeptConnection) {
    get("/echo");
    Body body(1000);
    const HttpResult result =
        send({.method = "PUT", .url = server.url("/lost"), .upload = body.upload()});
    EXPECT_EQ(result.failure, FailureKind::connection);
    EXPECT_TRUE(result.was_sent);
    EXPECT_EQ(seen("/lost"), 1);
}

TEST_F(CurlHttpUpload, AsksAgainToUploadWhenAKeptConnectionHasEnded) {
    EXPECT_EQ(echo({.url = server.url("/reset-next")})["connection"], 1);
    Body body(2 * k_mebibyte);
    const json echo =
        this->echo({.method = "PUT", .url = server.url("/echo"), .upload = body.upload()});
    EXPECT_EQ(echo["connection"], 2);
    EXPECT_EQ(echo["size"], 2 * k_mebibyte);
}

TEST_F(CurlHttpUpload, StartsAnUploadOverWhenAKeptConnectionHasEnded) {
    EXPECT_EQ(echo({.url = server.url("/reset-next/0.5")})["connection"], 1);
    Body body(50 * k_mebibyte);
    const json echo = this->echo({.method = "PUT",
                                  .url = server.url("/echo"),
                                  .headers = {"Expect:"},
                                  .upload = body.upload()});
    EXPECT_EQ(echo["connection"], 2);
    EXPECT_EQ(echo["size"], 50 * k_mebibyte);
    EXPECT_EQ(body.rewinds, 1);
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

TEST_F(CurlHttpUpload, NeedsNoMemoryForWhatItUploads) {
    get("/echo");
    const std::uint64_t before = peak_memory();
    ASSERT_GT(before, 0U);
    Body body(300 * k_mebibyte);
    const HttpResult result =
        send({.method = "PUT", .url = server.url("/sink"), .upload = body.upload()});
    EXPECT_EQ(result.answer.body, std::to_string(300 * k_mebibyte));
    EXPECT_LT(peak_memory() - before, 20 * k_mebibyte);
}

} // namespace
} // namespace kiln::tests
