#include "net/curl_http_client.hpp"
#include "store/glance/glance_store.hpp"
#include "support/memory_reporter.hpp"
#include "support/store_conformance.hpp"

#include <cstdlib>

namespace kiln::tests {
namespace {

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

/// The cloud $KILN_RIG_CLOUD of the clouds.yaml that $OS_CLIENT_CONFIG_FILE names.
ConformanceTarget glance_target() {
    return {
        .name = "Glance",
        .open = []() -> std::unique_ptr<store::ImageStore> {
            static MemoryReporter reporter;
            const std::string name = variable("KILN_RIG_CLOUD");
            if (name.empty()) {
                return nullptr;
            }
            const store::Cloud cloud = store::load_cloud(
                name,
                {.environment = {{"OS_CLIENT_CONFIG_FILE", variable("OS_CLIENT_CONFIG_FILE")}}});
            return std::make_unique<store::GlanceStore>(
                std::make_unique<net::CurlHttpClient>(net::HttpOptions{}),
                std::make_shared<store::TokenSource>(cloud, store::SessionOptions{}),
                cloud.region,
                store::SessionOptions{},
                store::UploadWay{},
                reporter);
        },
        .can_publicize = false};
}

INSTANTIATE_TEST_SUITE_P(OfGlance,
                         ImageStoreConformance,
                         testing::Values(glance_target()),
                         conformance_name);

} // namespace
} // namespace kiln::tests
