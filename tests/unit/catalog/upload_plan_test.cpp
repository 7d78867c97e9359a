#include "catalog/upload_plan.hpp"
#include "unit/catalog/families.hpp"

#include <gtest/gtest.h>

namespace kiln::tests {
namespace {

using catalog::Family;
using catalog::UploaderState;
using catalog::UploadPlan;
using catalog::WantedImage;
using store::ImageStatus;
using Action = UploadPlan::Action;

WantedImage wanted(const std::string& digest) {
    return {.name = "web",
            .digest = digest,
            .size = 10,
            .disk_format = "",
            .container_format = "",
            .version = "09"};
}

catalog::UploadClock clock_of(UploaderState state) {
    return {.state_of = [state](const std::string&) { return state; },
            .stuck_before = "2026-01-01T12:00:00Z"};
}

store::Image incomplete(const std::string& id, ImageStatus status, const std::string& updated) {
    store::Image image = with_status(made(id, "web candidate 09", "09"), status);
    image.updated_at = updated;
    return image;
}

TEST(UploadPlan, NothingThereIsCreated) {
    const UploadPlan plan =
        plan_upload(wanted("sha256:x"), {.name = "web"}, clock_of(UploaderState::ended));
    EXPECT_EQ(plan.action, Action::create);
    EXPECT_TRUE(plan.leftovers.empty());
}

TEST(UploadPlan, DataThatIsThereIsNotSentAgain) {
    const Family family = {.name = "web", .images = {promoted("a", "web", "01")}};
    const UploadPlan plan = plan_upload(wanted("sha256:a"), family, clock_of(UploaderState::ended));
    EXPECT_EQ(plan.action, Action::none);
    EXPECT_EQ(plan.id, "a");
    EXPECT_FALSE(plan.unverified);
}

using Removals = std::map<std::string, std::optional<std::string>>;

Removals changes_of(const WantedImage& wanted, const store::Image& image) {
    const Family family = {.name = "web", .images = {image}};
    return plan_upload(wanted, family, clock_of(UploaderState::ended)).change.properties;
}

TEST(UploadPlan, PropertiesThatWereLeftOutAreRemoved) {
    const store::Image image =
        with(with(promoted("a", "web", "01"), "hw_disk_bus", "virtio"), "color", "red");
    WantedImage wanted = tests::wanted("sha256:a");
    EXPECT_EQ(changes_of(wanted, image), Removals{});
    wanted.unwanted_properties = {"hw_disk_bus", "not_there"};
    EXPECT_EQ(changes_of(wanted, image), (Removals{{"hw_disk_bus", std::nullopt}}));
}

TEST(UploadPlan, AllButExactPropertiesAndKilnsOwnAreRemoved) {
    store::Image image = with(promoted("a", "web", "01"), "kiln_build", "key");
    for (const char* name : {"hw_disk_bus", "color", "kiln_elements"}) {
        image = with(image, name, "x");
    }
    for (const char* name : {"kiln_stored_digest", "kiln_uploader", "kiln_rolled_back"}) {
        image = with(image, name, "x");
    }
    WantedImage wanted = tests::wanted("sha256:a");
    wanted.no_other_properties = true;
    wanted.properties = {{"color", "blue"}};
    EXPECT_EQ(changes_of(wanted, image),
              (Removals{{"color", "blue"},
                        {"hw_disk_bus", std::nullopt},
                        {"kiln_elements", std::nullopt}}));
}

TEST(UploadPlan, ImageThatNeverHadTheNameIsComparedFirst) {
    const Family family = {.name = "web", .images = {made("a", "web candidate 01", "01")}};
    EXPECT_TRUE(plan_upload(wanted("sha256:a"), family, clock_of(UploaderState::ended)).unverified);
}

TEST(UploadPlan, CurrentImageIsPreferredToOthersOfTheSameData) {
    store::Image other = with(promoted("b", "web 1", "00"), "kiln_digest", "sha256:a");
    const Family family = {.name = "web", .images = {hidden(other), promoted("a", "web", "01")}};
    EXPECT_EQ(plan_upload(wanted("sha256:a"), family, clock_of(UploaderState::ended)).id, "a");
}

TEST(UploadPlan, ImageThatWasTakenBackIsKnownForOne) {
    const Family family = {
        .name = "web",
        .images = {promoted("a", "web", "01"),
                   hidden(with(promoted("b", "web 2", "02"), "kiln_rolled_back", "2026"))}};
    const UploadPlan plan = plan_upload(wanted("sha256:b"), family, clock_of(UploaderState::ended));
    EXPECT_EQ(plan.action, Action::none);
    EXPECT_TRUE(plan.rolled_back);
}

TEST(UploadPlan, BrokenUploadOfTheSameFileIsFinished) {
    const Family family = {
        .name = "web", .images = {incomplete("a", ImageStatus::queued, "2026-01-01T13:00:00Z")}};
    const UploadPlan plan = plan_upload(wanted("sha256:a"), family, clock_of(UploaderState::ended));
    EXPECT_EQ(plan.action, Action::resume);
    EXPECT_EQ(plan.id, "a");
}

TEST(UploadPlan, BrokenUploadsThatCannotBeFinishedAreRemoved) {
    for (const ImageStatus status : {ImageStatus::saving,
                                     ImageStatus::importing,
                                     ImageStatus::uploading,
                                     ImageStatus::killed}) {
        const Family family = {.name = "web",
                               .images = {incomplete("a", status, "2026-01-01T13:00:00Z")}};
        const UploadPlan plan =
            plan_upload(wanted("sha256:a"), family, clock_of(UploaderState::ended));
        EXPECT_EQ(plan.action, Action::create) << store::status_name(status);
        ASSERT_EQ(plan.leftovers.size(), 1U) << store::status_name(status);
    }
}

TEST(UploadPlan, BrokenUploadsOfOtherFilesAreRemoved) {
    const Family family = {
        .name = "web", .images = {incomplete("a", ImageStatus::queued, "2026-01-01T13:00:00Z")}};
    const UploadPlan plan = plan_upload(wanted("sha256:x"), family, clock_of(UploaderState::ended));
    EXPECT_EQ(plan.action, Action::create);
    EXPECT_EQ(plan.leftovers.size(), 1U);
}

TEST(UploadPlan, UploadThatRunsIsLeftAlone) {
    const Family family = {
        .name = "web", .images = {incomplete("a", ImageStatus::saving, "2026-01-01T00:00:00Z")}};
    const UploadPlan same = plan_upload(wanted("sha256:a"), family, clock_of(UploaderState::alive));
    EXPECT_TRUE(same.busy);
    EXPECT_TRUE(same.leftovers.empty());
    const UploadPlan other =
        plan_upload(wanted("sha256:x"), family, clock_of(UploaderState::alive));
    EXPECT_FALSE(other.busy);
    EXPECT_TRUE(other.leftovers.empty());
}

TEST(UploadPlan, UploadOfAnotherMachineIsDeadAfterAWhile) {
    const auto plan_at = [](const std::string& updated) {
        const Family family = {.name = "web",
                               .images = {incomplete("a", ImageStatus::saving, updated)}};
        return plan_upload(wanted("sha256:a"), family, clock_of(UploaderState::unknown));
    };
    EXPECT_TRUE(plan_at("2026-01-01T12:00:01Z").busy);
    EXPECT_FALSE(plan_at("2026-01-01T11:59:59Z").busy);
    EXPECT_EQ(plan_at("2026-01-01T11:59:59Z").leftovers.size(), 1U);
}

TEST(UploadPlan, ImagesThatKilnDidNotBeginAreNotLeftovers) {
    store::Image image = incomplete("a", ImageStatus::queued, "2026-01-01T00:00:00Z");
    image.properties.erase("kiln_digest");
    const Family family = {.name = "web", .images = {image}};
    EXPECT_TRUE(
        plan_upload(wanted("sha256:x"), family, clock_of(UploaderState::ended)).leftovers.empty());
}

TEST(UploadPlan, TellsWhatDiffersOfAnImageThatIsThere) {
    WantedImage want = wanted("sha256:a");
    want.properties = {{"os_distro", "debian"}, {"image_build_date", "2026-02-02 10:00"}};
    want.tags = {"os:debian"};
    want.min_disk = 3;
    store::Image image = with(promoted("a", "web", "01"), "os_distro", "ubuntu");
    image.properties["image_build_date"] = "2026-01-01 10:00";
    image.properties["by_hand"] = "stays";
    image.tags = {"managed_by_kiln"};
    const UploadPlan plan =
        plan_upload(want, {.name = "web", .images = {image}}, clock_of(UploaderState::ended));
    EXPECT_EQ(plan.change.properties,
              (std::map<std::string, std::optional<std::string>>{{"os_distro", "debian"}}));
    EXPECT_EQ(plan.change.tags, (std::set<std::string>{"managed_by_kiln", "os:debian"}));
    EXPECT_EQ(plan.change.min_disk, 3U);
    EXPECT_FALSE(plan.change.min_ram);
}

TEST(UploadPlan, NewImageIsPrivateUnprotectedAndKnowsItsName) {
    WantedImage want = wanted("sha256:a");
    want.visibility = store::Visibility::public_image;
    want.is_protected = true;
    const store::NewImage image = new_image(want, "me-1-2");
    EXPECT_EQ(image.visibility, store::Visibility::private_image);
    EXPECT_FALSE(image.is_protected);
    EXPECT_NE(image.name, "web");
    EXPECT_EQ(image.properties.at("image_name"), "web");
    EXPECT_EQ(image.properties.at("kiln_visibility"), "public");
    EXPECT_EQ(image.properties.at("kiln_uploader"), "me-1-2");
}

} // namespace
} // namespace kiln::tests
