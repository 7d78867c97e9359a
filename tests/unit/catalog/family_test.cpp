#include "catalog/choice.hpp"
#include "catalog/family.hpp"
#include "unit/catalog/families.hpp"
#include "util/error.hpp"

#include <gtest/gtest.h>

namespace kiln::tests {
namespace {

using catalog::Family;
using catalog::Standing;
using store::Image;

std::string current_id(const Family& family) {
    const Image* current = catalog::current_of(family);
    return current == nullptr ? "" : current->id;
}

TEST(Family, VisibleImageOfTheNameIsCurrent) {
    EXPECT_EQ(
        current_id({.name = "web",
                    .images = {hidden(promoted("a", "web", "02")), promoted("b", "web", "01")}}),
        "b");
}

TEST(Family, OfSeveralTheOneThatGotTheNameLastIsCurrent) {
    const Image early = with(promoted("a", "web", "09"), "kiln_promoted", "2026-01-01T00:00:00Z");
    const Image late = with(promoted("b", "web", "01"), "kiln_promoted", "2026-01-02T00:00:00Z");
    EXPECT_EQ(current_id({.name = "web", .images = {early, late}}), "b");
}

TEST(Family, WithoutATimeTheVersionDecidesNaturally) {
    Image nine = made("a", "web", "1.9");
    Image ten = made("b", "web", "1.10");
    EXPECT_EQ(current_id({.name = "web", .images = {ten, nine}}), "b");
}

TEST(Family, IncompleteImagesAreNeverCurrent) {
    EXPECT_EQ(
        current_id({.name = "web",
                    .images = {with_status(made("a", "web", "01"), store::ImageStatus::saving)}}),
        "");
}

TEST(Family, ImageThatLostTheNameComesBackWhenNoneHasIt) {
    EXPECT_EQ(current_id({.name = "web",
                          .images = {made("c", "web candidate 03", "03"),
                                     hidden(promoted("a", "web 1", "01"))}}),
              "a");
}

TEST(Family, MembersAreToldByPropertyOrByName) {
    Image other = made("b", "web", "01");
    other.properties["image_name"] = "db";
    Image plain = {.id = "c", .name = "web"};
    const std::vector<Image> images = {made("a", "old web", "01"), other, plain};
    const Family family = catalog::family_of("web", images);
    ASSERT_EQ(family.images.size(), 2U);
    EXPECT_EQ(catalog::families_of(images).size(), 2U);
}

TEST(Family, StandingsAreTold) {
    const Family family = {
        .name = "web",
        .images = {promoted("a", "web", "02"),
                   made("b", "web candidate 03", "03"),
                   made("c", "web candidate 01", "01"),
                   hidden(promoted("d", "web 1", "00")),
                   with_status(made("e", "web candidate 09", "09"), store::ImageStatus::queued)}};
    const auto standing = [&](const std::string& id) {
        return catalog::standing_of(family, *family.find(id));
    };
    EXPECT_EQ(standing("a"), Standing::current);
    EXPECT_EQ(standing("b"), Standing::candidate);
    EXPECT_EQ(standing("c"), Standing::passed_over);
    EXPECT_EQ(standing("d"), Standing::older);
    EXPECT_EQ(standing("e"), Standing::incomplete);
}

TEST(Family, DatedNameTakesTheDateOfTheBuild) {
    const Image image = with(made("a", "web", "7"), "image_build_date", "2026-11-28 10:00");
    const Family family = {.name = "web", .images = {image}};
    EXPECT_EQ(catalog::dated_name(family, image, "{name} {date}"), "web 20261128");
    EXPECT_EQ(catalog::dated_name(family, image, "{name} ({version})"), "web (7)");
}

TEST(Family, DatedNamesDiffer) {
    const Image image = with(made("a", "web", "7"), "image_build_date", "2026-11-28");
    Family family = {.name = "web", .images = {image, made("b", "web 20261128", "6")}};
    EXPECT_EQ(catalog::dated_name(family, image, "{name} {date}"), "web 20261128 (7)");
    family.images.push_back(made("c", "web 20261128 (7)", "7"));
    EXPECT_EQ(catalog::dated_name(family, image, "{name} {date}"), "web 20261128 (7) 2");
    EXPECT_NE(catalog::dated_name(family, image, "{name}"), "web");
}

Family three() {
    return {.name = "web",
            .images = {promoted("c", "web", "03"),
                       hidden(promoted("b", "web 2", "02")),
                       hidden(promoted("a", "web 1", "01"))}};
}

TEST(Choice, RollbackGoesToTheVersionBefore) {
    EXPECT_EQ(catalog::previous_of(three(), "").id, "b");
}

TEST(Choice, SecondRollbackGoesFurtherBack) {
    Family family = three();
    family.images[0] = hidden(with(promoted("c", "web 3", "03"), "kiln_rolled_back", "2026"));
    family.images[1] = with(promoted("b", "web", "02"), "kiln_promoted", "2026-12-01");
    EXPECT_EQ(catalog::previous_of(family, "").id, "a");
}

TEST(Choice, ImageIsMeantByIdVersionOrName) {
    EXPECT_EQ(catalog::previous_of(three(), "a").id, "a");
    EXPECT_EQ(catalog::previous_of(three(), "01").id, "a");
    EXPECT_EQ(catalog::previous_of(three(), "web 1").id, "a");
}

TEST(Choice, WhatIsNotThereIsToldWithWhatIs) {
    try {
        catalog::previous_of(three(), "04");
        FAIL();
    } catch (const util::Error& error) {
        EXPECT_EQ(error.info().code, util::ExitCode::usage);
        EXPECT_NE(error.info().hint.find("version 03"), std::string::npos) << error.info().hint;
    }
}

TEST(Choice, NothingToGoBackToIsAnError) {
    const Family family = {.name = "web", .images = {promoted("c", "web", "03")}};
    EXPECT_THROW(catalog::previous_of(family, ""), util::Error);
    EXPECT_THROW(catalog::candidate_of(family, ""), util::Error);
}

TEST(Choice, NewestCandidateIsPromoted) {
    Family family = three();
    family.images.push_back(made("d", "web candidate 04", "04"));
    family.images.push_back(made("e", "web candidate 05", "05"));
    EXPECT_EQ(catalog::candidate_of(family, "").id, "e");
    EXPECT_EQ(catalog::candidate_of(family, "d").id, "d");
}

TEST(Choice, PromotionThatBrokeIsFinished) {
    Family family = three();
    family.images[1] = hidden(promoted("b", "web", "02"));
    EXPECT_EQ(catalog::candidate_of(family, "").id, "c");
    EXPECT_THROW(catalog::candidate_of(three(), ""), util::Error);
}

} // namespace
} // namespace kiln::tests
