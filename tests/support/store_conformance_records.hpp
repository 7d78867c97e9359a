#pragma once

#include "support/store_conformance.hpp"

namespace kiln::tests {

TEST_P(ImageStoreConformance, MakesAnImageThatHasNoDataAndIsPrivate) {
    store::NewImage image = wanted("web server");
    image.min_disk = 3;
    image.min_ram = 512;
    image.properties = {{"os_distro", "debian"}, {"kiln:build.id-x", "7"}};
    const store::Image made = create(image);
    for (const store::Image& seen : {made, found(made.id)}) {
        EXPECT_EQ(seen.id, made.id);
        EXPECT_EQ(seen.name, "web server");
        EXPECT_EQ(seen.status, store::ImageStatus::queued);
        EXPECT_EQ(seen.visibility, store::Visibility::private_image);
        EXPECT_FALSE(seen.hidden);
        EXPECT_FALSE(seen.is_protected);
        EXPECT_EQ(seen.disk_format, "raw");
        EXPECT_EQ(seen.container_format, "bare");
        EXPECT_EQ(seen.min_disk, 3U);
        EXPECT_EQ(seen.min_ram, 512U);
        EXPECT_EQ(seen.checksum, "");
        EXPECT_EQ(seen.hash_value, "");
        EXPECT_EQ(seen.owner, images().owner());
        EXPECT_EQ(seen.tags, image.tags);
        EXPECT_EQ(seen.properties, image.properties);
        EXPECT_THAT(seen.created_at, testing::MatchesRegex("....-..-..T..:..:..Z"));
        EXPECT_EQ(seen.updated_at, seen.created_at);
    }
}

TEST_P(ImageStoreConformance, MakesAnImageWithAllThatIsChosen) {
    store::NewImage image = wanted();
    image.disk_format = "qcow2";
    image.visibility = store::Visibility::community;
    image.hidden = true;
    image.is_protected = true;
    image.tags.insert("second");
    image.id = fresh_id();
    const store::Image seen = found(create(image).id);
    EXPECT_EQ(seen.id, image.id);
    EXPECT_EQ(seen.disk_format, "qcow2");
    EXPECT_EQ(seen.visibility, store::Visibility::community);
    EXPECT_TRUE(seen.hidden);
    EXPECT_TRUE(seen.is_protected);
    EXPECT_EQ(seen.tags, image.tags);
}

TEST_P(ImageStoreConformance, FindsNothingWhereThereIsNothing) {
    EXPECT_FALSE(images().find(fresh_id()));
    EXPECT_EQ(listed(), std::set<std::string>{});
}

TEST_P(ImageStoreConformance, KeepsSeveralImagesOfOneName) {
    const std::string name = tag + " twice";
    const std::string first = create(name).id;
    const std::string second = create(name).id;
    EXPECT_NE(first, second);
    EXPECT_EQ(listed({.name = name}), (std::set<std::string>{first, second}));
}

TEST_P(ImageStoreConformance, RefusesAnIdThatIsUsedOrWas) {
    store::NewImage image = wanted();
    image.id = fresh_id();
    create(image);
    EXPECT_EQ(problem_of([&] { create(image); }), store::Problem::conflict);
    EXPECT_EQ(images().remove(image.id), store::Removal::removed);
    EXPECT_EQ(problem_of([&] { create(image); }), store::Problem::conflict);
}

TEST_P(ImageStoreConformance, RefusesWhatTheImageApiDoesNotKnow) {
    store::NewImage image = wanted();
    image.id = "no-uuid";
    EXPECT_EQ(problem_of([&] { create(image); }), store::Problem::invalid);
    image = wanted();
    image.disk_format = "floppy";
    EXPECT_EQ(problem_of([&] { create(image); }), store::Problem::invalid);
    image = wanted();
    image.container_format = "bucket";
    EXPECT_EQ(problem_of([&] { create(image); }), store::Problem::invalid);
    EXPECT_EQ(problem_of([&] { create(std::string(256, 'n')); }), store::Problem::invalid);
    EXPECT_EQ(listed(), std::set<std::string>{});
    EXPECT_EQ(create(std::string(255, 'n')).name.size(), 255U);
}

TEST_P(ImageStoreConformance, ListsByNameInFullAndWithItsCase) {
    const std::string exact = create(tag + " Name").id;
    create(tag + " name");
    create(tag + " Name 2");
    EXPECT_EQ(listed({.name = tag + " Name"}), std::set<std::string>{exact});
    EXPECT_EQ(listed({.name = tag + "%"}), std::set<std::string>{});
}

TEST_P(ImageStoreConformance, ListsWhatHasAllTags) {
    store::NewImage image = wanted();
    image.tags = {tag, tag + "-a"};
    const std::string one = create(image).id;
    image.tags = {tag, tag + "-a", tag + "-b"};
    const std::string both = create(image).id;
    const std::string none = create().id;
    EXPECT_EQ(listed(), (std::set<std::string>{one, both, none}));
    EXPECT_EQ(listed({.tags = {tag + "-a"}}), (std::set<std::string>{one, both}));
    EXPECT_EQ(listed({.tags = {tag + "-a", tag + "-b"}}), std::set<std::string>{both});
    EXPECT_EQ(listed({.tags = {tag + "-b", tag + "-c"}}), std::set<std::string>{});
}

TEST_P(ImageStoreConformance, ListsByProperties) {
    store::NewImage image = wanted();
    image.properties = {{"kiln_a", "1"}, {"kiln_b", "x"}};
    const std::string one = create(image).id;
    image.properties = {{"kiln_a", "1"}, {"kiln_b", "y"}};
    const std::string other = create(image).id;
    create();
    EXPECT_EQ(listed({.properties = {{"kiln_a", "1"}}}), (std::set<std::string>{one, other}));
    EXPECT_EQ(listed({.properties = {{"kiln_a", "1"}, {"kiln_b", "y"}}}),
              std::set<std::string>{other});
    EXPECT_EQ(listed({.properties = {{"kiln_b", "1"}}}), std::set<std::string>{});
}

TEST_P(ImageStoreConformance, ListsByStatusVisibilityAndOwner) {
    const std::string active = upload("a", "data").id;
    store::NewImage image = wanted();
    image.visibility = store::Visibility::community;
    const std::string queued = create(image).id;
    EXPECT_EQ(listed({.status = store::ImageStatus::active}), std::set<std::string>{active});
    EXPECT_EQ(
        listed({.status = store::ImageStatus::queued, .visibility = store::Visibility::community}),
        std::set<std::string>{queued});
    EXPECT_EQ(listed({.visibility = store::Visibility::private_image}),
              std::set<std::string>{active});
    EXPECT_EQ(listed({.visibility = store::Visibility::private_image, .owner = images().owner()}),
              std::set<std::string>{active});
    EXPECT_EQ(listed({.owner = "0123456789abcdef0123456789abcdef"}), std::set<std::string>{});
}

TEST_P(ImageStoreConformance, ListsHiddenImagesOnlyWhenAsked) {
    const std::string plain = create().id;
    store::NewImage image = wanted();
    image.hidden = true;
    const std::string hidden = create(image).id;
    EXPECT_EQ(listed(), std::set<std::string>{plain});
    EXPECT_EQ(listed({.hidden = store::ImageFilter::Hidden::only}), std::set<std::string>{hidden});
    images().update(hidden, {.hidden = false});
    images().update(plain, {.hidden = true});
    EXPECT_EQ(listed(), std::set<std::string>{hidden});
    EXPECT_EQ(listed({.hidden = store::ImageFilter::Hidden::only}), std::set<std::string>{plain});
}

TEST_P(ImageStoreConformance, ListsTheNewestFirstAndAllOfThem) {
    std::set<std::string> ids;
    for (int i = 0; i < 30; ++i) { // more than a page of Glance has by default
        ids.insert(create("image " + std::to_string(i)).id);
    }
    EXPECT_EQ(listed(), ids);
    const std::vector<store::Image> listed_images = images().list({.tags = {tag}});
    EXPECT_TRUE(std::is_sorted(listed_images.rbegin(),
                               listed_images.rend(),
                               [](const store::Image& left, const store::Image& right) {
                                   return left.created_at < right.created_at;
                               }));
}

TEST_P(ImageStoreConformance, ChangesEveryFieldAtOnce) {
    store::NewImage image = wanted();
    image.properties = {{"kiln_keep", "1"}, {"kiln_change", "1"}, {"kiln_remove", "1"}};
    const std::string id = create(image).id;
    const store::Image changed = images().update(
        id,
        {.name = "new name",
         .visibility = store::Visibility::community,
         .hidden = true,
         .is_protected = true,
         .min_disk = 5,
         .min_ram = 6,
         .tags = std::set<std::string>{tag, "other"},
         .properties = {{"kiln_change", "2"}, {"kiln_add", "3"}, {"kiln_remove", std::nullopt}}});
    const std::map<std::string, std::string> properties = {
        {"kiln_keep", "1"}, {"kiln_change", "2"}, {"kiln_add", "3"}};
    for (const store::Image& seen : {changed, found(id)}) {
        EXPECT_EQ(seen.id, id);
        EXPECT_EQ(seen.name, "new name");
        EXPECT_EQ(seen.visibility, store::Visibility::community);
        EXPECT_TRUE(seen.hidden);
        EXPECT_TRUE(seen.is_protected);
        EXPECT_EQ(seen.min_disk, 5U);
        EXPECT_EQ(seen.min_ram, 6U);
        EXPECT_EQ(seen.tags, (std::set<std::string>{tag, "other"}));
        EXPECT_EQ(seen.properties, properties);
        EXPECT_EQ(seen.status, store::ImageStatus::queued);
        EXPECT_GE(seen.updated_at, seen.created_at);
    }
}

TEST_P(ImageStoreConformance, RemovesAPropertyThatIsNotThereWithoutAnError) {
    const std::string id = create().id;
    const store::Image after = images().update(
        id, {.name = "renamed", .properties = {{"kiln_absent", std::nullopt}, {"kiln_a", "1"}}});
    EXPECT_EQ(after.name, "renamed");
    EXPECT_EQ(after.properties, (std::map<std::string, std::string>{{"kiln_a", "1"}}));
}

TEST_P(ImageStoreConformance, AChangeOfNothingChangesNothing) {
    const store::Image before = create();
    const store::Image after = images().update(before.id, {});
    EXPECT_EQ(after.name, before.name);
    EXPECT_EQ(after.tags, before.tags);
}

TEST_P(ImageStoreConformance, ChangesAllOrNothing) {
    const std::string id = create("before").id;
    EXPECT_EQ(problem_of([&] {
                  images().update(id,
                                  {.name = std::string(256, 'n'),
                                   .hidden = true,
                                   .min_disk = 7,
                                   .tags = std::set<std::string>{tag, "new"},
                                   .properties = {{"kiln_a", "1"}}});
              }),
              store::Problem::invalid);
    const store::Image after = found(id);
    EXPECT_EQ(after.name, "before");
    EXPECT_FALSE(after.hidden);
    EXPECT_EQ(after.min_disk, 0U);
    EXPECT_EQ(after.tags, std::set<std::string>{tag});
    EXPECT_EQ(after.property("kiln_a"), "");
}

TEST_P(ImageStoreConformance, ChangesVisibilityThereAndBack) {
    const std::string id = create().id;
    std::vector<store::Visibility> steps = {
        store::Visibility::community, store::Visibility::shared, store::Visibility::private_image};
    if (GetParam().can_publicize) {
        steps.push_back(store::Visibility::public_image);
        steps.push_back(store::Visibility::private_image);
    }
    for (const store::Visibility step : steps) {
        EXPECT_EQ(images().update(id, {.visibility = step}).visibility, step);
        EXPECT_EQ(listed({.visibility = step}), std::set<std::string>{id});
    }
    if (!GetParam().can_publicize) {
        const store::ImageChange change = {.visibility = store::Visibility::public_image};
        EXPECT_EQ(problem_of([&] { images().update(id, change); }), store::Problem::forbidden);
        EXPECT_EQ(found(id).visibility, store::Visibility::private_image);
    }
}

TEST_P(ImageStoreConformance, RefusesToChangeWhatIsNotThere) {
    const std::string id = fresh_id();
    EXPECT_EQ(problem_of([&] { images().update(id, {.name = "x"}); }), store::Problem::absent);
    EXPECT_EQ(problem_of([&] { images().deactivate(id); }), store::Problem::absent);
    EXPECT_EQ(problem_of([&] { images().reactivate(id); }), store::Problem::absent);
}

TEST_P(ImageStoreConformance, RemovesAnImageOnceAndNoProtectedOne) {
    store::NewImage image = wanted();
    image.is_protected = true;
    const std::string id = create(image).id;
    EXPECT_EQ(images().remove(id), store::Removal::is_protected);
    EXPECT_TRUE(images().find(id));
    images().update(id, {.is_protected = false});
    EXPECT_EQ(images().remove(id), store::Removal::removed);
    EXPECT_FALSE(images().find(id));
    EXPECT_EQ(listed(), std::set<std::string>{});
    EXPECT_EQ(images().remove(id), store::Removal::absent);
}

TEST_P(ImageStoreConformance, KeepsTextAsItIs) {
    const std::vector<std::string> names = {"Übung 漢字",
                                            "../../etc/passwd",
                                            "a/b",
                                            "it's \"quoted\" \\ back",
                                            "50% & a=b + c?#d",
                                            "..",
                                            "two  blanks",
                                            "comma, and; more"};
    for (const std::string& name : names) {
        store::NewImage image = wanted(name);
        image.tags.insert("tag " + name);
        image.properties = {{"kiln_text", name}};
        const std::string id = create(image).id;
        const store::Image seen = found(id);
        EXPECT_EQ(seen.name, name);
        EXPECT_EQ(seen.tags, image.tags);
        EXPECT_EQ(seen.property("kiln_text"), name);
        EXPECT_EQ(listed({.name = name}), std::set<std::string>{id}) << name;
        EXPECT_EQ(listed({.tags = {"tag " + name}}), std::set<std::string>{id}) << name;
        EXPECT_EQ(listed({.properties = {{"kiln_text", name}}}), std::set<std::string>{id}) << name;
        EXPECT_EQ(images().upload(id, data_of(name)).size, name.size());
    }
}

TEST_P(ImageStoreConformance, AnotherHandleSeesTheSame) {
    const std::string id = upload("seen", "data").id;
    const std::unique_ptr<store::ImageStore> other = GetParam().open();
    ASSERT_TRUE(other);
    EXPECT_EQ(other->describe(), images().describe());
    other->update(id, {.name = "changed"});
    EXPECT_EQ(found(id).name, "changed");
    EXPECT_EQ(other->remove(id), store::Removal::removed);
    EXPECT_FALSE(images().find(id));
}

} // namespace kiln::tests
