#include "net/url.hpp"
#include "unit/util/test_files.hpp"

#include <gtest/gtest.h>

namespace kiln::tests {
namespace {

TEST(Url, SchemeIsInLowerCaseAndMustBeFollowedByTwoSlashes) {
    EXPECT_EQ(net::scheme_of("HTTPS://host/"), "https");
    EXPECT_EQ(net::scheme_of("host/path"), "");
    EXPECT_EQ(net::scheme_of("://host"), "");
    EXPECT_EQ(net::scheme_of("a b://host"), "");
    EXPECT_FALSE(net::is_url("/var/lib/image.qcow2"));
    EXPECT_TRUE(net::is_url("file:///var/lib/image.qcow2"));
}

TEST(Url, IsShownWithoutAnythingThatMayBeSecret) {
    EXPECT_EQ(net::display_url("http://host/a/b"), "http://host/a/b");
    EXPECT_EQ(net::display_url("http://user:pass@host/a"), "http://host/a");
    EXPECT_EQ(net::display_url("http://user:p@ss@host/a@b"), "http://host/a@b");
    EXPECT_EQ(net::display_url("https://host/a?X-Signature=1#part"), "https://host/a");
    EXPECT_EQ(net::display_url("https://user:pass@host"), "https://host");
}

TEST(Url, OfAnotherKindOrWithBlanksIsRefusedByTheNameOfItsVariable) {
    for (const char* url :
         {"ftp://host/", "host/path", "http://", "http://ho st/", "http://a\nb"}) {
        const util::ErrorInfo error =
            error_of([&] { net::require_fetchable(url, "DIB_CLOUD_IMAGES"); });
        EXPECT_EQ(error.code, util::ExitCode::usage);
        EXPECT_EQ(error.what.rfind("DIB_CLOUD_IMAGES: ", 0), 0U) << error.what;
    }
    net::require_fetchable("file:///srv/images", "X");
    net::require_fetchable("http://127.0.0.1:8000", "X");
}

TEST(Url, PartsAreJoinedByOneSlash) {
    EXPECT_EQ(net::join_url("http://host/a/", "b"), "http://host/a/b");
    EXPECT_EQ(net::join_url("http://host/a", "b"), "http://host/a/b");
    EXPECT_EQ(net::file_name_of("http://host/a/b.img?x=/y"), "b.img");
}

} // namespace
} // namespace kiln::tests
