#include "build/disk_plan.hpp"
#include "build_fixture.hpp"

#include <gmock/gmock.h>

#include <sys/stat.h>

namespace kiln::tests {
namespace {

using build::block_device_answer;
using build::choose_layout;
using build::disk_seed;
using build::image_size_answer;
using ::testing::HasSubstr;
using ::testing::Optional;

constexpr std::uint64_t k_gib = std::uint64_t{1} << 30U;

TEST(ImageSizeAnswer, IsThatOfTheLastLine) {
    EXPECT_THAT(image_size_answer("IMAGE_SIZE=9\nnoise\nIMAGE_SIZE=2.5\nmore\n"),
                Optional(k_gib * 5 / 2));
    EXPECT_THAT(image_size_answer("  IMAGE_SIZE= 3 \r\n"), Optional(3 * k_gib));
}

TEST(ImageSizeAnswer, MayBeAbsent) {
    EXPECT_EQ(image_size_answer(""), std::nullopt);
    EXPECT_EQ(image_size_answer("MY_IMAGE_SIZE=3\nIMAGE_SIZES=3\n"), std::nullopt);
}

TEST(ImageSizeAnswer, IsRefusedWhenItIsNoSize) {
    for (const char* value : {"", "big", "3G", "-1", "0", "nan", "inf", "1e9", "0x10"}) {
        const util::ErrorInfo error =
            error_of([&] { image_size_answer("IMAGE_SIZE=" + std::string(value)); });
        EXPECT_EQ(error.code, util::ExitCode::hook) << value;
    }
}

using DiskPlan = BuildTest;

TEST_F(DiskPlan, BlockDeviceIsTheFileThatAHookNamesLast) {
    const std::string file = files.write("disk raw", "");
    EXPECT_THAT(block_device_answer("IMAGE_BLOCK_DEVICE=/dev/null\nIMAGE_BLOCK_DEVICE=" + file),
                Optional(file));
    EXPECT_EQ(block_device_answer("IMAGE_BLOCK_DEVICE=\n"), std::nullopt);
    EXPECT_EQ(block_device_answer("nothing\n"), std::nullopt);
}

TEST_F(DiskPlan, RefusesDevicesFoldersAndWhatIsNotThere) {
    for (const std::string& path : {std::string("/dev/null"), files / "", files / "missing"}) {
        const util::ErrorInfo error =
            error_of([&] { block_device_answer("IMAGE_BLOCK_DEVICE=" + path); });
        EXPECT_EQ(error.code, util::ExitCode::hook) << path;
        EXPECT_THAT(error.hint, HasSubstr("truncate"));
    }
}

const char* const k_layout = R"(
- local_loop:
    name: image0
- mkfs:
    name: NAME
    base: image0
    type: ext4
    mount:
      mount_point: /
)";

std::string layout_named(const std::string& name) {
    std::string text = k_layout;
    return text.replace(text.find("NAME"), 4, name);
}

class ChooseLayout : public BuildTest {
protected:
    [[nodiscard]] std::string chosen() const {
        return choose_layout(context).filesystems.at(0).name;
    }
};

TEST_F(ChooseLayout, IsFlatWithoutAnyWish) {
    const disk::Layout layout = choose_layout(context);
    EXPECT_EQ(layout.table, disk::TableKind::none);
    ASSERT_EQ(layout.filesystems.size(), 1U);
    EXPECT_EQ(layout.filesystems.at(0).mount_point, "/");
}

TEST_F(ChooseLayout, TakesTheFirstElementThatBringsOne) {
    element_file("a", "README", "");
    element_file("b", "block-device-default.yaml", layout_named("from_b"));
    element_file("c", "block-device-default.yaml", layout_named("from_c"));
    EXPECT_EQ(chosen(), "from_b");
}

TEST_F(ChooseLayout, PrefersTheFileOfTheArchitecture) {
    element_file("b", "block-device-default.yaml", layout_named("default"));
    element_file("b", "block-device-amd64.yaml", layout_named("amd64"));
    element_file("b", "block-device-arm64.yaml", layout_named("arm64"));
    EXPECT_EQ(chosen(), "amd64");
}

TEST_F(ChooseLayout, PrefersWhatTheUserSaysAsTextOrFile) {
    element_file("b", "block-device-default.yaml", layout_named("from_b"));
    context.options.block_device_config = layout_named("text");
    EXPECT_EQ(chosen(), "text");
    context.options.block_device_config =
        "file://" + files.write("my layout.yaml", layout_named("file"));
    EXPECT_EQ(chosen(), "file");
}

TEST_F(ChooseLayout, HandsTheOptionsOfTheRootOn) {
    context.options.root_label = "ROOT";
    context.options.mkfs_options = "-m 0";
    context.options.journal_size = std::uint64_t{64} << 20U;
    const disk::Filesystem root = choose_layout(context).filesystems.at(0);
    EXPECT_EQ(root.label, "ROOT");
    EXPECT_THAT(root.options, ::testing::ElementsAre("-J", "size=64", "-m", "0"));
}

class DiskSeed : public BuildTest {
protected:
    void SetUp() override { element_file("a", "install.d/10-a", "#!/bin/sh\n"); }

    [[nodiscard]] std::string seed() const {
        return disk_seed(context, element::HookTree(context.elements));
    }
};

TEST_F(DiskSeed, IsTheSameForTheSame) {
    EXPECT_EQ(seed(), seed());
}

TEST_F(DiskSeed, FollowsTheContentOfHooks) {
    const std::string before = seed();
    element_file("a", "install.d/10-a", "#!/bin/sh\ntrue\n");
    EXPECT_NE(seed(), before);
}

TEST_F(DiskSeed, FollowsElementsPackagesArchitectureAndVariables) {
    const std::string before = seed();
    const auto differs = [&](auto change) {
        const build::BuildContext kept = context;
        change();
        const bool result = seed() != before;
        context = kept;
        return result;
    };
    EXPECT_TRUE(differs([&] { element_file("b", "install.d/20-b", "#!/bin/sh\n"); }));
    EXPECT_TRUE(differs([&] { context.options.packages = {"nginx"}; }));
    EXPECT_TRUE(differs([&] { context.options.architecture = "arm64"; }));
    EXPECT_TRUE(differs([&] { context.options.environment = {{"DIB_RELEASE", "trixie"}}; }));
}

TEST_F(DiskSeed, DoesNotFollowTheMachine) {
    const std::string before = seed();
    context.options.environment = {{"TERM", "vt100"},
                                   {"ELEMENTS_PATH", "/elsewhere"},
                                   {"http_proxy", "http://proxy:3128"},
                                   {"DIB_IMAGE_CACHE", "/cache"},
                                   {"DIB_DEBUG_TRACE", "1"}};
    context.options.output = "/another/name";
    EXPECT_EQ(seed(), before);
}

TEST_F(DiskPlan, HooksLearnTheDisk) {
    const process::Environment variables =
        build::disk_variables(choose_layout(context), "/kiln/build/image/image0.raw", "seed");
    EXPECT_EQ(variables.at("IMAGE_BLOCK_DEVICE"), "/kiln/build/image/image0.raw");
    EXPECT_EQ(variables.at("IMAGE_BLOCK_DEVICES"), " [image0]=/kiln/build/image/image0.raw ");
    EXPECT_EQ(variables.at("DIB_MOUNTPOINTS"), "/");
    EXPECT_EQ(variables.at("DIB_ROOT_FSTYPE"), "ext4");
    EXPECT_EQ(variables.at("KILN_ROOT_UUID").size(), 36U);
}

} // namespace
} // namespace kiln::tests
