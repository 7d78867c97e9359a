#include "store/glance/session.hpp"
#include "unit/util/test_files.hpp"

#include <gmock/gmock.h>

namespace kiln {
namespace {

using store::Cloud;
using store::Token;
using tests::error_of;

Token token_of(const std::vector<Token::Endpoint>& catalog) {
    return {.value = "t", .catalog = catalog};
}

/// Two regions; the second has no internal address.
Token two_regions() {
    return token_of({{"identity", "North", "public", "http://keystone"},
                     {"image", "North", "public", "http://north/v2/"},
                     {"image", "North", "internal", "http://north-inner"},
                     {"image", "South", "public", "http://south"}});
}

TEST(ImageEndpoint, is_that_of_region_and_interface) {
    EXPECT_EQ(store::image_endpoint({.name = "c", .region = "South"}, two_regions()),
              "http://south");
    EXPECT_EQ(store::image_endpoint({.name = "c", .region = "North", .interface = "internal"},
                                    two_regions()),
              "http://north-inner");
}

TEST(ImageEndpoint, needs_no_region_where_there_is_one) {
    EXPECT_EQ(store::image_endpoint({.name = "c"},
                                    token_of({{"image", "North", "public", "http://north"},
                                              {"compute", "South", "public", "http://south"}})),
              "http://north");
}

TEST(ImageEndpoint, ends_before_the_version) {
    const std::vector<std::pair<std::string, std::string>> cases = {
        {"http://image/", "http://image"},
        {"http://image/v2", "http://image"},
        {"http://image/v2/", "http://image"},
        {"http://image/path/v2.15//", "http://image/path"},
        {"http://image/v20", "http://image/v20"},
        {"http://image/v2.x", "http://image/v2.x"},
        {"http://v2", "http://v2"}};
    for (const auto& [url, base] : cases) {
        EXPECT_EQ(store::image_endpoint({.name = "c"}, token_of({{"image", "N", "public", url}})),
                  base);
        EXPECT_EQ(store::image_endpoint({.name = "c", .image_endpoint = url}, two_regions()), base);
    }
}

TEST(ImageEndpoint, asks_which_of_several_regions) {
    const util::ErrorInfo error =
        error_of([] { store::image_endpoint({.name = "c"}, two_regions()); });
    EXPECT_EQ(error.what, "cloud 'c' has several regions: North, South");
    EXPECT_EQ(error.hint, "give --region NAME, or region_name in clouds.yaml (OS_REGION_NAME)");
    EXPECT_EQ(error.code, util::ExitCode::remote);
}

struct MissingCase {
    Cloud cloud;
    Token token;
    std::string what;
    std::string hint;
};

TEST(ImageEndpoint, says_what_the_catalog_has) {
    const std::vector<MissingCase> cases = {
        {{.name = "c", .region = "Nroth"},
         two_regions(),
         "cloud 'c' has no image service in region 'Nroth'",
         "did you mean 'North'?"},
        {{.name = "c", .region = "elsewhere"},
         two_regions(),
         "cloud 'c' has no image service in region 'elsewhere'",
         "regions that have one: North, South"},
        {{.name = "c", .region = "North", .interface = "admin"},
         two_regions(),
         "cloud 'c' has no 'admin' address of the image service in region 'North'",
         "set interface in clouds.yaml (OS_INTERFACE) to one of: internal, public"},
        {{.name = "c"},
         token_of({{"identity", "North", "public", "http://k"}}),
         "cloud 'c' has no image service in its catalog",
         "if there is one, say where: image_endpoint_override in clouds.yaml"},
        {{.name = "c"},
         token_of({}),
         "the token of cloud 'c' comes without a catalog",
         "name the project to work in: project_name (OS_PROJECT_NAME)"}};
    for (const MissingCase& one : cases) {
        const util::ErrorInfo error =
            error_of([&] { store::image_endpoint(one.cloud, one.token); });
        EXPECT_EQ(error.what, one.what);
        EXPECT_EQ(error.hint, one.hint);
        EXPECT_EQ(error.code, util::ExitCode::remote);
    }
}

} // namespace
} // namespace kiln
