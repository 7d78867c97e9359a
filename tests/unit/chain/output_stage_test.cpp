#include "chain/output_stage.hpp"
#include "render/render.hpp"

#include <gtest/gtest.h>

namespace kiln {
namespace {

/// What the template gives for an image of two files, the second of which is in a store.
std::string rendered(const std::string& text, const chain::OutputDefinition& output = {}) {
    const chain::ImageDefinition image = {.name = "web"};
    const chain::ImageOutcome outcome = {
        .name = "web",
        .files = {{"/o/web.qcow2", "qcow2", 7, "ab"}, {"/o/web.raw", "raw", 9, "cd"}},
        .published = {{.store = "one", .file = "/o/web.raw", .id = "1"},
                      {.store = "two", .file = "/o/web.qcow2", .id = "2"}}};
    return render::render(
        text, "t", render::Syntax::mustache, chain::output_values(output, image, outcome));
}

TEST(OutputValues, TellOfTheFileThatTheStoreGot) {
    const std::string text = "{{ result_img_id }} {{ format }} {{ size }} {{ sha256 }}";
    EXPECT_EQ(rendered(text), "1 raw 9 cd");
    EXPECT_EQ(rendered(text, {.store = "two"}), "2 qcow2 7 ab");
}

TEST(OutputValues, ListAllFilesAndPlaces) {
    EXPECT_EQ(rendered("{{# files }}{{ sha256 }}  {{ file }}\n{{/ files }}"),
              "ab  /o/web.qcow2\ncd  /o/web.raw\n");
    EXPECT_EQ(rendered("{{# published }}{{ store }}={{ id }} {{/ published }}"), "one=1 two=2 ");
}

} // namespace
} // namespace kiln
