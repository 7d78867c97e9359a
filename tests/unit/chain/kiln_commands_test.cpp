#include "chain/kiln_commands.hpp"

#include <gmock/gmock.h>

namespace kiln::tests {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Key;
using ::testing::Not;
using ::testing::Pair;

const chain::Caller k_caller = {.kiln = "/bin/kiln",
                                .environment = {{"DIB_RELEASE", "sid"},
                                                {"ELEMENTS_PATH", "/stray"},
                                                {"OS_CLOUD", "prod"},
                                                {"OS_PASSWORD", "os-secret"},
                                                {"USER", "ci"},
                                                {"VAULT_DB", "hunter2"}}};
const chain::ImagePlaces k_places("/out", "web");

chain::ImageDefinition image_with_all() {
    chain::ImageDefinition image = {.name = "web",
                                    .elements = {"debian", "vm"},
                                    .elements_path = {"/a", "/b"},
                                    .environment = {{"DIB_RELEASE", "trixie"}},
                                    .secrets = {{"DB", {.name = "VAULT_DB"}}},
                                    .packages = {"vim", "nginx"},
                                    .architecture = "arm64",
                                    .formats = std::vector<std::string>{"qcow2", "raw"},
                                    .compression = "zstd",
                                    .image_size = "10",
                                    .freshness = "1h",
                                    .hook_timeout = "60",
                                    .with_base_element = false,
                                    .network = false};
    return image;
}

TEST(KilnCommands, ABuildHasAllThatTheImageSays) {
    const auto command = chain::build_command(image_with_all(), k_places, k_caller, "/base");
    // clang-format off
    EXPECT_THAT(command.argv,
                ElementsAre("/bin/kiln", "build", "--json", "-o", "/out/web/web",
                            "-t", "qcow2,raw", "--arch", "arm64", "--compression", "zstd",
                            "--image-size", "10", "--hook-timeout", "60", "--freshness", "1h",
                            "--no-base", "--no-network", "-p", "vim,nginx",
                            "--env", "DIB_RELEASE", "--env", "DB", "debian", "vm"));
    // clang-format on
    EXPECT_THAT(command.environment, Contains(Pair("DIB_LOCAL_IMAGE", "/base")));
    EXPECT_THAT(command.environment, Contains(Pair("DIB_RELEASE", "trixie")));
    EXPECT_THAT(command.environment, Contains(Pair("ELEMENTS_PATH", "/a:/b")));
}

TEST(KilnCommands, ABuildOfFewWordsLeavesTheRestToKiln) {
    const auto command =
        chain::build_command({.name = "web", .elements = {"vm"}}, k_places, k_caller, "");
    EXPECT_THAT(
        command.argv,
        ElementsAre("/bin/kiln", "build", "--json", "-o", "/out/web/web", "-t", "qcow2", "vm"));
    for (const char* name : {"DIB_RELEASE",
                             "DIB_LOCAL_IMAGE",
                             "ELEMENTS_PATH",
                             "OS_CLOUD",
                             "OS_PASSWORD",
                             "VAULT_DB",
                             "KILN_SECRET_VARIABLES"}) {
        EXPECT_THAT(command.environment, Not(Contains(Key(name))));
    }
    EXPECT_THAT(command.environment, Contains(Pair("USER", "ci")));
    EXPECT_THAT(command.environment, Contains(Pair("_KILN_ERROR_LINES", "1")));
}

TEST(KilnCommands, SecretsAreInTheEnvironmentOnlyAndNamed) {
    const auto command = chain::build_command(image_with_all(), k_places, k_caller, "");
    EXPECT_THAT(command.environment, Contains(Pair("DB", "hunter2")));
    EXPECT_THAT(command.environment, Contains(Pair("KILN_SECRET_VARIABLES", "DB")));
    EXPECT_THAT(command.argv, Not(Contains(HasSubstr("hunter2"))));
    EXPECT_THAT(process::to_shell(command), Not(HasSubstr("hunter2")));
}

TEST(KilnCommands, FreshnessOfTheCallerGoesFirst) {
    chain::Caller caller = k_caller;
    caller.freshness = "never";
    EXPECT_THAT(chain::build_command(image_with_all(), k_places, caller, "").argv,
                Contains("never"));
}

TEST(KilnCommands, ABaseOfAUrlIsNamedInTheEnvironment) {
    chain::ImageDefinition image = {.name = "web", .elements = {"vm"}};
    image.base = chain::BaseDefinition{.kind = chain::BaseDefinition::Kind::url,
                                       .url = "https://mirror/a/b.qcow2",
                                       .checksum = "sha256:ab"};
    const auto command = chain::build_command(image, k_places, k_caller, "");
    EXPECT_THAT(command.environment, Contains(Pair("DIB_CLOUD_IMAGES", "https://mirror/a")));
    EXPECT_THAT(command.environment, Contains(Pair("BASE_IMAGE_FILE", "b.qcow2")));
    EXPECT_THAT(command.environment, Contains(Pair("KILN_BASE_DIGEST", "sha256:ab")));
}

TEST(KilnCommands, ABootNamesItsMachine) {
    const auto command =
        chain::boot_command({.firmware = "uefi", .allow_failed = {"a.service"}}, "/i", k_caller);
    // clang-format off
    EXPECT_THAT(command.argv,
                ElementsAre("/bin/kiln", "test", "--boot", "--json", "--firmware", "uefi",
                            "--timeout", "300", "--memory", "1024",
                            "--allow-failed", "a.service", "/i"));
    // clang-format on
    EXPECT_THAT(command.environment, Not(Contains(Key("OS_CLOUD"))));
}

TEST(KilnCommands, APublicationHasAllThatTheImageSays) {
    chain::ImageDefinition image = {.name = "web"};
    image.publish = {.name = "Web 1",
                     .visibility = "public",
                     .is_protected = true,
                     .min_disk = "5",
                     .min_ram = "6",
                     .version = "7",
                     .promote = "manual",
                     .keep = "2",
                     .delete_older = true,
                     .older = "hide",
                     .swap = "overlap",
                     .dated_name = "d",
                     .adopt = true,
                     .exact_properties = true,
                     .tags = {"t"},
                     .properties = {{"a", "b=c"}}};
    const chain::StoreDefinition store = {
        .name = "s", .cloud = "prod", .regions = {"r"}, .interface = "internal", .tag = "ci"};
    const auto command = chain::publish_command(image, store, "/i", k_caller, chain::Publish::plan);
    // clang-format off
    EXPECT_THAT(command.argv,
                ElementsAre("/bin/kiln", "publish", "--json", "--name", "Web 1", "--plan",
                            "--cloud", "prod", "--region", "r", "--interface", "internal",
                            "--tag", "ci", "--visibility", "public", "--older", "hide",
                            "--swap", "overlap", "--keep", "2", "--dated-name", "d",
                            "--promote", "manual", "--delete", "--adopt", "--min-disk", "5",
                            "--min-ram", "6", "--image-version", "7", "--protected",
                            "--exact-properties", "--image-tag", "t",
                            "--property", "a=b=c", "/i"));
    // clang-format on
    EXPECT_THAT(command.environment, Contains(Pair("OS_PASSWORD", "os-secret")));
    EXPECT_THAT(command.environment, Not(Contains(Key("VAULT_DB"))));
}

TEST(KilnCommands, APublicationToAFolderIsShort) {
    const auto command = chain::publish_command(
        {.name = "web"}, {.name = "s", .folder = "/s"}, "/i", k_caller, chain::Publish::do_it);
    EXPECT_THAT(
        command.argv,
        ElementsAre("/bin/kiln", "publish", "--json", "--name", "web", "--store", "/s", "/i"));
}

} // namespace
} // namespace kiln::tests
