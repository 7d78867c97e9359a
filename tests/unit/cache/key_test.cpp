#include "cache/key.hpp"
#include "unit/util/test_files.hpp"

#include <gmock/gmock.h>

namespace kiln::tests {
namespace {

using cache::first_difference;
using cache::k_parent_tag;
using cache::KeyManifest;
using testing::HasSubstr;
using testing::Not;
using testing::Optional;

KeyManifest manifest(const std::vector<std::pair<std::string, std::string>>& inputs,
                     const std::string& purpose = "test 1") {
    KeyManifest result(purpose);
    for (const auto& [tag, value] : inputs) {
        result.add(tag, value);
    }
    return result;
}

TEST(Key, DoesNotDependOnTheOrderOfInputs) {
    EXPECT_EQ(manifest({{"a", "1"}, {"b", "2"}}).digest(),
              manifest({{"b", "2"}, {"a", "1"}}).digest());
}

TEST(Key, ChangesWithEveryPart) {
    const std::string key = manifest({{"a", "1"}}).digest();
    EXPECT_NE(manifest({{"a", "2"}}).digest(), key);
    EXPECT_NE(manifest({{"b", "1"}}).digest(), key);
    EXPECT_NE(manifest({{"a", "1"}}, "test 2").digest(), key);
    EXPECT_NE(manifest({}).digest(), key);
    EXPECT_NE(manifest({{"a", "1"}, {"b", ""}}).digest(), key);
}

TEST(Key, DoesNotConfuseWhereATagOrAValueEnds) {
    const std::vector<std::string> keys = {manifest({{"ab", "c"}}).digest(),
                                           manifest({{"a", "bc"}}).digest(),
                                           manifest({{"a", "b"}, {"c", ""}}).digest(),
                                           manifest({{"a", ""}, {"b", "c"}}).digest(),
                                           manifest({{"a", "1:b1:c"}}).digest(),
                                           manifest({{"a", "1:b"}, {"1:c", ""}}).digest(),
                                           manifest({}, "test 11:a1:b").digest()};
    EXPECT_EQ(std::set<std::string>(keys.begin(), keys.end()).size(), keys.size());
}

TEST(Key, DoesNotDependOnWhatPeopleAreTold) {
    KeyManifest titled("test 1");
    titled.add("a", "1", "the first letter");
    EXPECT_EQ(titled.digest(), manifest({{"a", "1"}}).digest());
}

TEST(Key, SurvivesItsTranscript) {
    KeyManifest inputs = manifest({{"file install.d/50 \"x\"", "line\nline"}, {"variable A", ""}});
    inputs.add("b", "2", "a title");
    const KeyManifest read = KeyManifest::from_json(inputs.to_json());
    EXPECT_EQ(read.digest(), inputs.digest());
    EXPECT_EQ(read.inputs().at("b").title, "a title");
}

TEST(Key, RefusesATranscriptThatIsNone) {
    for (const char* text : {"",
                             "{",
                             "[]",
                             "{}",
                             R"({"purpose": 1, "inputs": {}})",
                             R"({"purpose": "p", "inputs": {"a": {}}})",
                             R"({"purpose": "p", "inputs": {"a": {"value": 1}}})",
                             R"({"purpose": "p", "inputs": {"a": "b"}})"}) {
        EXPECT_THROW(KeyManifest::from_json(text), util::Error) << text;
    }
}

TEST(KeyDifference, IsNothingForTheSameInputs) {
    EXPECT_FALSE(first_difference(manifest({{"a", "1"}}), manifest({{"a", "1"}})).has_value());
}

TEST(KeyDifference, NamesAFileByItsTitle) {
    KeyManifest before("test 1");
    KeyManifest now("test 1");
    before.add("file install.d/50-nginx", "file 755 aa", "elements/web/install.d/50-nginx");
    now.add("file install.d/50-nginx", "file 755 bb", "elements/web/install.d/50-nginx");
    EXPECT_THAT(first_difference(before, now),
                Optional(std::string("elements/web/install.d/50-nginx changed")));
}

TEST(KeyDifference, ShowsTheValuesOfAVariable) {
    EXPECT_THAT(first_difference(manifest({{"variable DIB_RELEASE", "bookworm"}}),
                                 manifest({{"variable DIB_RELEASE", "trixie"}})),
                Optional(std::string("DIB_RELEASE changed ('bookworm' -> 'trixie')")));
}

TEST(KeyDifference, DoesNotShowSecretsNorLongValues) {
    const std::string secret = "secret 0123456789";
    for (const std::string& value : {secret, std::string(200, 'x'), std::string("two\nlines")}) {
        const auto text = first_difference(manifest({{"variable PASSWORD", "other"}}),
                                           manifest({{"variable PASSWORD", value}}));
        EXPECT_THAT(text, Optional(std::string("PASSWORD changed")));
    }
}

TEST(KeyDifference, TellsNewAndGoneInputs) {
    const KeyManifest less = manifest({{"a", "1"}});
    const KeyManifest more = manifest({{"a", "1"}, {"variable B", "2"}});
    EXPECT_THAT(first_difference(less, more), Optional(std::string("B was added")));
    EXPECT_THAT(first_difference(more, less), Optional(std::string("B is gone")));
}

TEST(KeyDifference, NamesTheLayerBelowLast) {
    const std::string parent(k_parent_tag);
    EXPECT_THAT(first_difference(manifest({{parent, "1"}, {"variable Z", "1"}}),
                                 manifest({{parent, "2"}, {"variable Z", "2"}})),
                Optional(HasSubstr("Z changed")));
    EXPECT_THAT(first_difference(manifest({{parent, "1"}, {"variable Z", "1"}}),
                                 manifest({{parent, "2"}, {"variable Z", "1"}})),
                Optional(std::string("the layer below changed")));
}

} // namespace
} // namespace kiln::tests
