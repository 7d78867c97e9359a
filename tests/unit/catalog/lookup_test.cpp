#include "catalog/lookup.hpp"
#include "store/directory/directory_store.hpp"
#include "unit/util/test_files.hpp"

#include <gmock/gmock.h>

namespace kiln::tests {
namespace {

using catalog::Named;
using store::Visibility;
using ::testing::AllOf;
using ::testing::HasSubstr;

/// A folder, and what a list of Glance would not have.
class ListsOfGlance : public store::DirectoryStore {
public:
    using store::DirectoryStore::DirectoryStore;

    std::vector<store::Image> list(const store::ImageFilter& filter) override {
        ++lists;
        std::vector<store::Image> images = store::DirectoryStore::list(filter);
        if (!filter.visibility) {
            images.erase(std::remove_if(images.begin(),
                                        images.end(),
                                        [](const store::Image& image) {
                                            return image.visibility == Visibility::community;
                                        }),
                         images.end());
        }
        return images;
    }

    int lists = 0;
};

class Lookup : public testing::Test {
protected:
    std::string add(const std::string& name,
                    Visibility visibility = Visibility::private_image,
                    bool hidden = false) {
        const std::string id = queue(name, visibility, hidden);
        bool done = false;
        store.upload(id,
                     {.size = 1,
                      .read =
                          [&](char* buffer, std::size_t) {
                              *buffer = 'x';
                              return std::exchange(done, true) ? std::size_t{0} : std::size_t{1};
                          },
                      .rewind = [&] { done = false; }});
        return id;
    }

    std::string queue(const std::string& name,
                      Visibility visibility = Visibility::private_image,
                      bool hidden = false) {
        return store.create({.name = name, .visibility = visibility, .hidden = hidden}).id;
    }

    std::string found(const std::string& word, Named named = Named::by_itself) {
        store.lists = 0;
        return catalog::find_active(store, word, named).id;
    }

    util::ErrorInfo refusal(const std::string& word) {
        return error_of([&] { found(word); });
    }

    TestFiles files{};
    ListsOfGlance store{files / "store"};
};

TEST_F(Lookup, FindsTheOnlyVisibleImageOfANameByOneRequest) {
    const std::string id = add("web", Visibility::public_image);
    add("web", Visibility::private_image, true);
    queue("web");
    EXPECT_EQ(found("web"), id);
    EXPECT_EQ(store.lists, 1);
}

TEST_F(Lookup, FindsCommunityImages) {
    const std::string id = add("web", Visibility::community);
    EXPECT_EQ(found("web"), id);
    EXPECT_EQ(store.lists, 2);
}

TEST_F(Lookup, FindsHiddenImagesByIdAlone) {
    const std::string id = add("web", Visibility::private_image, true);
    EXPECT_EQ(found(id), id);
    EXPECT_EQ(store.lists, 0);
    EXPECT_EQ(found(id, Named::by_id), id);
    EXPECT_THAT(refusal("web").hint, HasSubstr("hidden images"));
}

TEST_F(Lookup, NamesAllThatHaveOneName) {
    const std::string first = add("web");
    const std::string second = add("web");
    const util::ErrorInfo error = refusal("web");
    EXPECT_EQ(error.code, util::ExitCode::usage);
    EXPECT_THAT(error.what, AllOf(HasSubstr("2 images"), HasSubstr(first), HasSubstr(second)));
    EXPECT_THAT(error.hint, HasSubstr("id"));
}

TEST_F(Lookup, TellsTheNearestNameByARequestMore) {
    add("debian-12");
    const util::ErrorInfo error = refusal("debian-13");
    EXPECT_EQ(error.code, util::ExitCode::usage);
    EXPECT_THAT(error.what, HasSubstr("has no image 'debian-13'"));
    EXPECT_EQ(error.hint, "did you mean 'debian-12'?");
    EXPECT_EQ(store.lists, 3);
}

TEST_F(Lookup, RefusesWhatHasNoDataToHandOut) {
    queue("new");
    store.deactivate(add("off"));
    EXPECT_THAT(refusal("new").what, HasSubstr("is queued"));
    EXPECT_THAT(refusal("off").what, HasSubstr("is deactivated"));
    EXPECT_EQ(refusal("off").code, util::ExitCode::failed);
}

} // namespace
} // namespace kiln::tests
