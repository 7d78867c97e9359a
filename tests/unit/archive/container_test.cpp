#include "archive/attributes.hpp"
#include "archive/container_reference.hpp"
#include "archive/container_writer.hpp"
#include "unit/util/test_files.hpp"

#include <gmock/gmock.h>

namespace kiln::tests {
namespace {

using archive::parse_container_reference;
using archive::reference_for;
using ::testing::HasSubstr;

TEST(ContainerReference, HasANameAndATag) {
    EXPECT_EQ(parse_container_reference("web").tag, "latest");
    const auto reference = parse_container_reference("registry.example:5000/team/web_1:v1.0-RC");
    EXPECT_EQ(reference.name, "registry.example:5000/team/web_1");
    EXPECT_EQ(reference.tag, "v1.0-RC");
}

TEST(ContainerReference, OfAnotherFormIsRefused) {
    for (const char* text : {"", "Web", "web:", "a//b", "web:tag:tag", "-web", "web@sha256:1"}) {
        const util::ErrorInfo error =
            error_of([&] { static_cast<void>(parse_container_reference(text)); });
        EXPECT_EQ(error.code, util::ExitCode::usage) << text;
        EXPECT_THAT(error.hint, HasSubstr("--docker-target")) << text;
    }
}

TEST(ContainerReference, IsMadeFromAnyName) {
    for (const auto& [given, expected] : std::vector<std::pair<std::string, std::string>>{
             {"web", "web"}, {"My Image_2", "my-image-2"}, {"..", "image"}, {"é.v1.", "v1"}}) {
        EXPECT_EQ(reference_for(given).name, expected);
        EXPECT_EQ(parse_container_reference(reference_for(given).name).name, expected);
    }
}

std::string oci_of(const std::string& architecture, const std::string& layer) {
    std::string bytes;
    archive::TarWriter writer([&](std::string_view part) { bytes += part; });
    archive::write_oci_layout(
        {.layer = {.path = layer, .size = 5, .digest = "d", .tar_digest = "t"},
         .reference = {.name = "web"},
         .architecture = architecture,
         .epoch = 1704067200},
        writer);
    writer.finish();
    return bytes;
}

TEST(ContainerWriter, NamesMachinesAsContainersDo) {
    const TestFiles files;
    const std::string layer = files.write("layer", "bytes");
    EXPECT_THAT(oci_of("amd64", layer), HasSubstr(R"("architecture":"amd64")"));
    EXPECT_THAT(oci_of("ppc64el", layer), HasSubstr(R"("architecture":"ppc64le")"));
    EXPECT_THAT(oci_of("armhf", layer), HasSubstr(R"("variant":"v7")"));
    EXPECT_THAT(oci_of("amd64", layer), HasSubstr(R"("created":"2024-01-01T00:00:00Z")"));
}

TEST(Acl, IsReadAsItWasWritten) {
    using archive::AclTag;
    const std::string bytes =
        archive::acl_attribute({{.tag = AclTag::user_obj, .permissions = 6},
                                {.tag = AclTag::user, .permissions = 5, .id = 1234},
                                {.tag = AclTag::mask, .permissions = 7}});
    const std::vector<archive::AclEntry> entries = archive::parse_acl(bytes);
    ASSERT_EQ(entries.size(), 3U);
    EXPECT_EQ(entries[1].tag, AclTag::user);
    EXPECT_EQ(entries[1].permissions, 5);
    EXPECT_EQ(entries[1].id, 1234U);
    EXPECT_EQ(archive::acl_attribute(entries), bytes);
    for (const std::string& bad : {std::string(), bytes.substr(0, 7), "\x03" + bytes.substr(1)}) {
        EXPECT_THAT(error_of([&] { static_cast<void>(archive::parse_acl(bad)); }).what,
                    HasSubstr("unknown form"));
    }
}

} // namespace
} // namespace kiln::tests
