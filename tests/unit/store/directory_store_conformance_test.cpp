#include "store/directory/directory_store.hpp"
#include "support/store_conformance.hpp"
#include "unit/util/test_files.hpp"

namespace kiln::tests {
namespace {

ConformanceTarget directory_target() {
    const auto files = std::make_shared<TestFiles>();
    return {.name = "Directory", .open = [files]() -> std::unique_ptr<store::ImageStore> {
                return std::make_unique<store::DirectoryStore>(*files / "images");
            }};
}

INSTANTIATE_TEST_SUITE_P(OfADirectory,
                         ImageStoreConformance,
                         testing::Values(directory_target()),
                         conformance_name);

} // namespace
} // namespace kiln::tests
