#include "store/glance/image_json.hpp"
#include "store/store_error.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace kiln::tests {
namespace {

using nlohmann::json;
using store::Image;

const std::string k_image = R"({
  "id": "9c3f", "name": "web", "status": "active", "visibility": "public", "os_hidden": true,
  "protected": true, "disk_format": "qcow2", "container_format": "bare", "size": 1000,
  "virtual_size": 2147483648, "min_disk": 2, "min_ram": 512, "checksum": "ab",
  "os_hash_algo": "sha512", "os_hash_value": "cd", "owner": "p1",
  "created_at": "2026-11-20T23:43:33Z", "updated_at": "2026-11-20T23:43:34Z",
  "tags": ["b", "a"], "stores": "first,second", "self": "/v2/images/9c3f", "file": "x",
  "schema": "y", "os_glance_failed_import": "", "os_glance_importing_to_stores": "second",
  "owner_specified.openstack.md5": "z", "os_distro": "debian", "empty": ""})";

TEST(ImageJson, ImageIsReadWhole) {
    const Image image = store::image_from_json(k_image);
    EXPECT_EQ(image.id, "9c3f");
    EXPECT_EQ(image.status, store::ImageStatus::active);
    EXPECT_EQ(image.visibility, store::Visibility::public_image);
    EXPECT_TRUE(image.hidden);
    EXPECT_TRUE(image.is_protected);
    EXPECT_EQ(image.size, 1000U);
    EXPECT_EQ(image.virtual_size, 2147483648U);
    EXPECT_EQ(image.min_disk, 2U);
    EXPECT_EQ(image.hash_value, "cd");
    EXPECT_EQ(image.tags, (std::set<std::string>{"a", "b"}));
    EXPECT_EQ(image.stores, "first,second");
    EXPECT_TRUE(image.is_importing);
    EXPECT_EQ(image.failed_import, "");
}

TEST(ImageJson, WhatTheServiceKeepsForItselfIsNoProperty) {
    EXPECT_EQ(store::image_from_json(k_image).properties,
              (std::map<std::string, std::string>{{"os_distro", "debian"}, {"empty", ""}}));
}

TEST(ImageJson, ImageWithoutDataHasNoSizes) {
    const Image image = store::image_from_json(
        R"({"id": "1", "name": null, "status": "queued", "size": null, "checksum": null})");
    EXPECT_FALSE(image.size);
    EXPECT_EQ(image.name, "");
    EXPECT_EQ(image.checksum, "");
}

TEST(ImageJson, StatusThatIsNotKnownIsOther) {
    EXPECT_EQ(store::image_from_json(R"({"id": "1", "status": "dreaming"})").status,
              store::ImageStatus::other);
}

TEST(ImageJson, WhatIsNoImageIsAnError) {
    for (const char* text : {"", "[]", "{}", "<html>", "{\"id\": 5", R"({"id": ""})"}) {
        EXPECT_THROW(store::image_from_json(text), store::StoreError) << text;
    }
    for (const char* text : {"", "[]", "{}", R"({"images": {}})", R"({"images": [5]})"}) {
        EXPECT_THROW(store::image_page_from_json(text), store::StoreError) << text;
    }
}

TEST(ImageJson, PageSaysWhetherThereIsAnother) {
    const auto page = store::image_page_from_json(
        R"({"images": [{"id": "1"}, {"id": "2"}], "next": "/v2/images?marker=2"})");
    EXPECT_EQ(page.images.size(), 2U);
    EXPECT_TRUE(page.has_next);
    EXPECT_FALSE(store::image_page_from_json(R"({"images": []})").has_next);
}

TEST(ImageJson, NewImageIsOneDocument) {
    const json document = json::parse(store::to_json({.name = "web",
                                                      .min_disk = 2,
                                                      .tags = {"a"},
                                                      .properties = {{"os_distro", "debian"}},
                                                      .id = "9c3f"}));
    EXPECT_EQ(document, json::parse(R"({"id": "9c3f", "name": "web", "disk_format": "qcow2",
        "container_format": "bare", "visibility": "private", "os_hidden": false,
        "protected": false, "min_disk": 2, "min_ram": 0, "tags": ["a"], "os_distro": "debian"})"));
}

TEST(ImageJson, ChangeIsAPatch) {
    const json patch =
        json::parse(store::to_json_patch({.name = "n",
                                          .visibility = store::Visibility::community,
                                          .hidden = false,
                                          .tags = std::set<std::string>{"t"},
                                          .properties = {{"a/b~c", "v"}, {"gone", std::nullopt}}}));
    EXPECT_EQ(patch, json::parse(R"([
        {"op": "add", "path": "/name", "value": "n"},
        {"op": "add", "path": "/visibility", "value": "community"},
        {"op": "add", "path": "/os_hidden", "value": false},
        {"op": "add", "path": "/tags", "value": ["t"]},
        {"op": "add", "path": "/a~1b~0c", "value": "v"},
        {"op": "remove", "path": "/gone"}])"));
}

TEST(ImageJson, BytesThatAreNoTextDoNotBreakADocument) {
    const json document =
        json::parse(store::to_json({.name = "\xff\xfe", .properties = {{"p", "\xc3"}}}));
    EXPECT_TRUE(document["name"].is_string());
}

TEST(ImageJson, MessagesAreFoundInPagesJsonAndText) {
    EXPECT_EQ(store::message_of("<html><head><title>403</title></head><body><h1>403 Forbidden</h1>"
                                "You can&#x27;t &lt;do&gt; &quot;this&quot;.<br /><br />\n</body>"),
              "You can't <do> \"this\".");
    EXPECT_EQ(
        store::message_of("<h1>403 Forbidden</h1>\nNot you.&lt;br /&gt;&lt;br /&gt;<br /><br />"),
        "Not you.");
    EXPECT_EQ(store::message_of(R"({"error": {"code": 401, "message": "Please log in."}})"),
              "Please log in.");
    EXPECT_EQ(store::message_of("plain\n  words"), "plain words");
    EXPECT_EQ(store::message_of(""), "");
    EXPECT_LE(store::message_of(std::string(5000, 'x')).size(), 403U);
}

TEST(ImageJson, NewestFailedTaskTellsWhy) {
    EXPECT_EQ(store::failed_task_message(R"({"tasks": [
        {"status": "failure", "message": "old", "created_at": "2026-01-01T00:00:00Z"},
        {"status": "failure", "message": "new", "created_at": "2026-01-02T00:00:00Z"},
        {"status": "success", "message": "fine", "created_at": "2026-01-03T00:00:00Z"}]})"),
              "new");
    EXPECT_EQ(store::failed_task_message("nonsense"), "");
}

TEST(ImageJson, MembersAreRead) {
    const auto members =
        store::members_from_json(R"({"members": [{"member_id": "p2", "status": "pending"}]})");
    ASSERT_EQ(members.size(), 1U);
    EXPECT_EQ(members[0].project, "p2");
    EXPECT_EQ(members[0].status, "pending");
    EXPECT_THROW(store::members_from_json("{}"), store::StoreError);
}

} // namespace
} // namespace kiln::tests
