#include "catalog/rotation.hpp"
#include "unit/catalog/families.hpp"

#include <gtest/gtest.h>

namespace kiln::tests {
namespace {

using catalog::Family;
using catalog::OlderImages;
using catalog::Operation;
using catalog::Rotation;
using catalog::RotationPolicy;
using catalog::Swap;
using store::Visibility;

const std::string k_now = "2026-02-01T00:00:00.000Z";

std::vector<std::string> texts(const Rotation& rotation) {
    std::vector<std::string> found;
    for (const Operation& operation : rotation.operations) {
        found.push_back(operation.text);
    }
    return found;
}

Family done(Family family, const Rotation& rotation) {
    for (const Operation& operation : rotation.operations) {
        family = after(std::move(family), operation);
    }
    return family;
}

Family old_and_new() {
    return {.name = "web",
            .images = {promoted("a", "web", "01"), made("b", "web candidate 02", "02")}};
}

TEST(Rotation, SwapIsThreeRequests) {
    const Rotation rotation = plan_rotation(old_and_new(), {}, {.promote = "b", .now = k_now});
    EXPECT_EQ(texts(rotation),
              (std::vector<std::string>{"hide 'web' (a)",
                                        "make 'web candidate 02' (b) the current 'web', private",
                                        "rename 'web' (a) to 'web 20260101'"}));
    EXPECT_EQ(rotation.current, "b");
}

TEST(Rotation, SwapSetsNameVisibilityAndTimeAtOnce) {
    const Rotation rotation = plan_rotation(
        old_and_new(), {.visibility = Visibility::community}, {.promote = "b", .now = k_now});
    const Family family = done(old_and_new(), rotation);
    EXPECT_EQ(family.find("b")->name, "web");
    EXPECT_EQ(family.find("b")->visibility, Visibility::community);
    EXPECT_FALSE(family.find("b")->hidden);
    EXPECT_EQ(family.find("b")->property("kiln_promoted"), k_now);
    EXPECT_TRUE(family.find("a")->hidden);
}

TEST(Rotation, AsksForPublicityWhileTheOldImageIsUntouched) {
    const Rotation rotation = plan_rotation(
        old_and_new(), {.visibility = Visibility::public_image}, {.promote = "b", .now = k_now});
    ASSERT_FALSE(rotation.operations.empty());
    EXPECT_EQ(rotation.operations[0].id, "b");
    EXPECT_EQ(rotation.operations[0].change.visibility, Visibility::public_image);
    EXPECT_EQ(rotation.operations[0].change.hidden, true);
    EXPECT_FALSE(rotation.operations[0].change.name);
}

TEST(Rotation, OverlapGivesTheNameFirst) {
    const Rotation rotation =
        plan_rotation(old_and_new(), {.swap = Swap::overlap}, {.promote = "b", .now = k_now});
    ASSERT_EQ(rotation.operations.size(), 2U);
    EXPECT_EQ(rotation.operations[0].id, "b");
    EXPECT_EQ(rotation.operations[0].change.name, "web");
}

TEST(Rotation, FirstImageNeedsOneRequest) {
    const Family family = {.name = "web", .images = {made("a", "web candidate 01", "01")}};
    EXPECT_EQ(plan_rotation(family, {}, {.promote = "a", .now = k_now}).operations.size(), 1U);
}

TEST(Rotation, NothingIsDoneTwice) {
    const Family family =
        done(old_and_new(), plan_rotation(old_and_new(), {}, {.promote = "b", .now = k_now}));
    EXPECT_EQ(texts(plan_rotation(family, {}, {.promote = "b", .now = "2026-03-01T00:00:00.000Z"})),
              std::vector<std::string>{});
    EXPECT_EQ(texts(plan_rotation(family, {}, {.now = "2026-03-01T00:00:00.000Z"})),
              std::vector<std::string>{});
}

TEST(Rotation, OlderImagesBecomeWhatPolicySays) {
    const Family family = {
        .name = "web",
        .images = {with_visibility(promoted("a", "web", "01"), Visibility::public_image),
                   with_visibility(made("b", "web candidate 02", "02"), Visibility::public_image)}};
    const auto old_after = [&](OlderImages older) {
        const RotationPolicy policy = {.older = older};
        return *done(family, plan_rotation(family, policy, {.promote = "b", .now = k_now}))
                    .find("a");
    };
    EXPECT_TRUE(old_after(OlderImages::hide).hidden);
    EXPECT_EQ(old_after(OlderImages::hide).visibility, Visibility::public_image);
    EXPECT_FALSE(old_after(OlderImages::community).hidden);
    EXPECT_EQ(old_after(OlderImages::community).visibility, Visibility::community);
    EXPECT_EQ(old_after(OlderImages::deactivate).status, store::ImageStatus::deactivated);
    EXPECT_FALSE(old_after(OlderImages::show).hidden);
    EXPECT_EQ(old_after(OlderImages::show).visibility, Visibility::public_image);
}

TEST(Rotation, WhatWasPrivateIsNotShownToTheCommunity) {
    const Rotation rotation = plan_rotation(
        old_and_new(), {.older = OlderImages::community}, {.promote = "b", .now = k_now});
    EXPECT_EQ(done(old_and_new(), rotation).find("a")->visibility, Visibility::private_image);
}

Family four_old() {
    return {.name = "web",
            .images = {promoted("a", "web", "04"),
                       hidden(promoted("b", "web 3", "03")),
                       hidden(promoted("c", "web 2", "02")),
                       hidden(promoted("d", "web 1", "01"))}};
}

TEST(Rotation, DeletesOnlyWhenToldAndOnlyBeyondKeep) {
    EXPECT_TRUE(plan_rotation(four_old(), {.keep = 2}, {.now = k_now}).operations.empty());
    EXPECT_EQ(plan_rotation(four_old(), {.keep = 2}, {.now = k_now}).notes.size(), 2U);
    EXPECT_EQ(texts(plan_rotation(four_old(), {.keep = 2, .remove_expired = true}, {.now = k_now})),
              (std::vector<std::string>{"delete 'web 2' (c)", "delete 'web 1' (d)"}));
}

TEST(Rotation, NeverDeletesTheCurrentNorAProtectedImage) {
    Family family = four_old();
    family.images[3].is_protected = true;
    EXPECT_EQ(texts(plan_rotation(family, {.keep = 1, .remove_expired = true}, {.now = k_now})),
              (std::vector<std::string>{"delete 'web 3' (b)", "delete 'web 2' (c)"}));
    EXPECT_EQ(
        texts(plan_rotation(family, {.keep = 0, .remove_expired = true}, {.now = k_now})).size(),
        2U);
}

TEST(Rotation, CandidatesAreNotTouched) {
    Family family = four_old();
    family.images.push_back(made("e", "web candidate 05", "05"));
    EXPECT_TRUE(plan_rotation(family, {.keep = 4, .remove_expired = true}, {.now = k_now})
                    .operations.empty());
}

TEST(Rotation, TwoVisibleImagesOfOneNameAreHealed) {
    const Family family = {.name = "web",
                           .images = {promoted("a", "web", "01"), promoted("b", "web", "02")}};
    const Family healed = done(family, plan_rotation(family, {}, {.now = k_now}));
    EXPECT_EQ(healed.find("b")->name, "web");
    EXPECT_EQ(healed.find("a")->name, "web 20260101");
    EXPECT_TRUE(healed.find("a")->hidden);
}

TEST(Rotation, OldImageComesBackWhenTheSwapBrokeAndNothingNewIsWanted) {
    const Family family = {
        .name = "web",
        .images = {hidden(promoted("a", "web", "01")), made("b", "web candidate 02", "02")}};
    const Family healed = done(family, plan_rotation(family, {}, {.now = k_now}));
    EXPECT_FALSE(healed.find("a")->hidden);
    EXPECT_EQ(healed.find("a")->name, "web");
}

TEST(Rotation, RollbackMarksTheImageThatItTakesBack) {
    const Family family = {
        .name = "web",
        .images = {promoted("b", "web", "02"), hidden(promoted("a", "web 20260101", "01"))}};
    const Family rolled =
        done(family, plan_rotation(family, {}, {.promote = "a", .roll_back = true, .now = k_now}));
    EXPECT_EQ(rolled.find("a")->name, "web");
    EXPECT_FALSE(rolled.find("a")->hidden);
    EXPECT_TRUE(rolled.find("b")->hidden);
    EXPECT_EQ(rolled.find("b")->property("kiln_rolled_back"), k_now);
    EXPECT_EQ(catalog::standing_of(rolled, *rolled.find("b")), catalog::Standing::rolled_back);
}

TEST(Rotation, VisibilityThatWasSaidWaitsForThePromotion) {
    Family family = old_and_new();
    family.images[1] = with(family.images[1], "kiln_visibility", "public");
    const Rotation rotation = plan_rotation(family, {}, {.promote = "b", .now = k_now});
    EXPECT_EQ(done(family, rotation).find("b")->visibility, Visibility::public_image);
}

TEST(Rotation, NewImageGetsTheVisibilityOfTheOldOne) {
    Family family = old_and_new();
    family.images[0].visibility = Visibility::shared;
    const Rotation rotation = plan_rotation(family, {}, {.promote = "b", .now = k_now});
    EXPECT_EQ(done(family, rotation).find("b")->visibility, Visibility::shared);
}

TEST(Rotation, DeactivatedImageIsReactivatedBeforeItGetsTheName) {
    Family family = {.name = "web",
                     .images = {promoted("b", "web", "02"),
                                with_status(hidden(promoted("a", "web 1", "01")),
                                            store::ImageStatus::deactivated)}};
    const Rotation rotation = plan_rotation(family, {}, {.promote = "a", .now = k_now});
    ASSERT_FALSE(rotation.operations.empty());
    EXPECT_EQ(rotation.operations[0].kind, Operation::Kind::reactivate);
    EXPECT_EQ(done(family, rotation).find("a")->status, store::ImageStatus::active);
}

} // namespace
} // namespace kiln::tests
