#include "process/posix_runner.hpp"
#include "unit/net/http_calls.hpp"
#include "unit/util/test_files.hpp"

#include <gmock/gmock.h>

#include <memory>

namespace kiln::tests {
namespace {

using net::FailureKind;
using net::HttpResult;
using testing::HasSubstr;

/// A server that proves itself with a certificate that no one else signed.
class CurlHttpTls : public testing::Test {
protected:
    CurlHttpTls() {
        forget_proxies();
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

TEST_F(CurlHttpTls, TrustsOnlyWhatItIsToldTo) {
    const HttpResult refused = call({});
    EXPECT_EQ(refused.failure, FailureKind::untrusted);
    EXPECT_FALSE(refused.was_sent);
    EXPECT_EQ(call({.ca_file = files / "server.pem"}).answer.status, 200);
    EXPECT_EQ(call({.verify = false}).answer.status, 200);
}

TEST_F(CurlHttpTls, RefusesTheCertificateOfAnotherHost) {
    make_certificate("other", "127.0.0.9");
    secure = std::make_unique<EchoServer>(files / "other.pem", files / "other.key");
    EXPECT_EQ(call({.ca_file = files / "other.pem"}).failure, FailureKind::untrusted);
    EXPECT_EQ(call({.verify = false}).answer.status, 200);
}

TEST_F(CurlHttpTls, TellsOfFilesThatAreNotThere) {
    const HttpResult result = call({.ca_file = files / "none.pem"});
    EXPECT_EQ(result.failure, FailureKind::untrusted);
    EXPECT_THAT(result.reason, HasSubstr("none.pem"));
    EXPECT_EQ(call({.certificate = files / "none.pem", .verify = false}).failure,
              FailureKind::untrusted);
}

TEST_F(CurlHttpTls, TakesARefusalInTheMiddleOfTheBodyForTheAnswer) {
    net::CurlHttpClient secure_client({.tls = {.verify = false}});
    for (int i = 0; i < 5; ++i) {
        Body body(100 * k_mebibyte);
        const HttpResult result = secure_client.send(
            {.method = "PUT", .url = secure->url("/refuse/413/3000000"), .upload = body.upload()});
        ASSERT_TRUE(result.has_answer()) << result.reason << " after " << body.given;
        EXPECT_EQ(result.answer.status, 413);
    }
}

TEST_F(CurlHttpTls, SurvivesAnUploadThatTheServerBroke) {
    Body body(100 * k_mebibyte);
    net::CurlHttpClient secure_client({.tls = {.ca_file = files / "server.pem"}});
    const HttpResult result = secure_client.send(
        {.method = "PUT", .url = secure->url("/cut-upload/1000000"), .upload = body.upload()});
    EXPECT_EQ(result.failure, FailureKind::connection);
    EXPECT_TRUE(result.was_sent);
}

} // namespace
} // namespace kiln::tests
