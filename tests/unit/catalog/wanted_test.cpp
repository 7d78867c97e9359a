#include "catalog/wanted.hpp"
#include "util/error.hpp"

#include <gtest/gtest.h>

namespace kiln::tests {
namespace {

using catalog::ImageFacts;
using catalog::PublishWishes;
using catalog::WantedImage;

constexpr std::uint64_t k_gib = std::uint64_t{1024} * 1024 * 1024;

ImageFacts facts() {
    return {.path = "web.qcow2",
            .format = "qcow2",
            .size = 1000,
            .disk_size = 2 * k_gib + 1,
            .modified = 1764350000};
}

ImageFacts built() {
    ImageFacts facts = tests::facts();
    facts.record = catalog::BuildRecord{.sha256 = "ab",
                                        .build = "key",
                                        .built = 1764352020,
                                        .elements = {"debian-minimal", "cloud-init"},
                                        .architecture = "x86_64",
                                        .os_distro = "debian",
                                        .os_version = "12",
                                        .kiln = "0.1.0"};
    return facts;
}

std::string refusal(const ImageFacts& facts, const PublishWishes& wishes) {
    try {
        catalog::wanted_image(facts, wishes);
        return "";
    } catch (const util::Error& error) {
        EXPECT_EQ(error.info().code, util::ExitCode::usage);
        EXPECT_FALSE(error.info().hint.empty());
        return error.what();
    }
}

TEST(WantedImage, BuildTellsPropertiesOfScs) {
    const WantedImage wanted = catalog::wanted_image(built(), {.name = "Debian 12", .keep = 4});
    EXPECT_EQ(wanted.properties.at("architecture"), "x86_64");
    EXPECT_EQ(wanted.properties.at("os_distro"), "debian");
    EXPECT_EQ(wanted.properties.at("os_version"), "12");
    EXPECT_EQ(wanted.properties.at("image_build_date"), "2025-11-28 17:47");
    EXPECT_EQ(wanted.properties.at("image_original_user"), "debian");
    EXPECT_EQ(wanted.properties.at("uuid_validity"), "last-4");
    EXPECT_EQ(wanted.properties.at("kiln_build"), "key");
    EXPECT_EQ(wanted.properties.at("kiln_elements"), "debian-minimal cloud-init");
    EXPECT_EQ(wanted.version, "20251128-174700");
    EXPECT_EQ(wanted.tags, (std::set<std::string>{"managed_by_kiln", "os:debian"}));
}

TEST(WantedImage, ImageOfSomebodyElseHasWhatIsKnown) {
    const WantedImage wanted = catalog::wanted_image(facts(), {.name = "web"});
    EXPECT_EQ(wanted.properties.count("os_distro"), 0U);
    EXPECT_EQ(wanted.properties.at("image_source"), "private");
    EXPECT_EQ(wanted.version, "20251128-171320");
}

TEST(WantedImage, OwnPropertiesWinAndEmptyOnesAreLeftOut) {
    const WantedImage wanted = catalog::wanted_image(
        built(), {.name = "web", .properties = {{"os_distro", "devuan"}, {"hw_disk_bus", ""}}});
    EXPECT_EQ(wanted.properties.at("os_distro"), "devuan");
    EXPECT_EQ(wanted.properties.count("hw_disk_bus"), 0U);
}

TEST(WantedImage, EachOfItsPropertiesMayBeLeftOut) {
    const WantedImage all = catalog::wanted_image(built(), {.name = "web"});
    EXPECT_EQ(all.properties.size(), 13U);
    for (const auto& [name, value] : all.properties) {
        WantedImage expected = all;
        expected.properties.erase(name);
        const WantedImage wanted =
            catalog::wanted_image(built(), {.name = "web", .properties = {{name, ""}}});
        EXPECT_EQ(wanted.properties, expected.properties) << name;
        EXPECT_EQ(wanted.unwanted_properties, std::set<std::string>{name});
        EXPECT_EQ(wanted.tags.count("os:debian"), name == "os_distro" ? 0U : 1U);
    }
}

TEST(WantedImage, MayHaveExactlyTheGivenProperties) {
    using Properties = std::map<std::string, std::string>;
    const WantedImage wanted =
        catalog::wanted_image(built(),
                              {.name = "web",
                               .properties = {{"os_distro", "debian"}, {"hw_disk_bus", ""}},
                               .exact_properties = true});
    EXPECT_EQ(wanted.properties, (Properties{{"kiln_build", "key"}, {"os_distro", "debian"}}));
    EXPECT_EQ(wanted.tags, std::set<std::string>{"managed_by_kiln"});
    EXPECT_EQ(wanted.version, "20251128-174700");
    EXPECT_TRUE(wanted.no_other_properties);
    const WantedImage plain =
        catalog::wanted_image(facts(), {.name = "web", .exact_properties = true});
    EXPECT_EQ(plain.properties, Properties{});
}

TEST(WantedImage, DiskOfTheImageMustFit) {
    EXPECT_EQ(catalog::wanted_image(facts(), {.name = "web"}).min_disk, 3U);
    EXPECT_EQ(catalog::wanted_image(facts(), {.name = "web", .min_disk = 8}).min_disk, 8U);
    EXPECT_NE(refusal(facts(), {.name = "web", .min_disk = 2}).find("needs 3 GiB"),
              std::string::npos);
}

TEST(WantedImage, MemoryIsChecked) {
    EXPECT_EQ(catalog::wanted_image(facts(), {.name = "web"}).min_ram, 512U);
    EXPECT_EQ(catalog::wanted_image(facts(), {.name = "web", .min_ram = 0}).min_ram, 0U);
    EXPECT_NE(refusal(facts(), {.name = "web", .min_ram = 2}), "");
}

TEST(WantedImage, WhatGlanceWouldRefuseIsRefused) {
    ImageFacts tar = facts();
    tar.format = "tar";
    EXPECT_NE(refusal(tar, {.name = "web"}), "");
    EXPECT_NE(refusal(facts(), {.name = ""}), "");
    EXPECT_NE(refusal(facts(), {.name = " web"}), "");
    EXPECT_NE(refusal(facts(), {.name = "a\nb"}), "");
    EXPECT_NE(refusal(facts(), {.name = std::string(201, 'a')}), "");
    EXPECT_NE(refusal(facts(), {.name = "web", .tags = {""}}), "");
    EXPECT_NE(refusal(facts(), {.name = "web", .properties = {{"", "x"}}}), "");
}

TEST(WantedImage, PropertiesOfTheRotationCannotBeSet) {
    for (const char* name : {"kiln_promoted", "kiln_digest", "image_name", "internal_version"}) {
        EXPECT_NE(refusal(facts(), {.name = "web", .properties = {{name, "x"}}}), "") << name;
    }
}

} // namespace
} // namespace kiln::tests
