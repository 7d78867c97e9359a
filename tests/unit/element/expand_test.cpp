#include "unit/element/element_fixture.hpp"

#include <gmock/gmock.h>

namespace kiln::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using util::ExitCode;

/// The elements of the conformance cases (docs/elements.md, "Which elements an image has").
class Expand : public ElementTest {
protected:
    void SetUp() override {
        element("requires-foo", "foo");
        element("foo", "", "operating-system");
        element("requires-requires-foo", "requires-foo");
        element("self", "self");
        element("provides_virtual", "", "virtual");
        element("also_provides_virtual", "", "virtual");
        element("requires_virtual", "virtual", "operating-system");
        element("virtual", "extra_dependency");
        element("extra_dependency");
        element("circular1", "circular2", "operating-system");
        element("circular2", "circular1");
        element("provides_new_virtual", "", "new_virtual operating-system");
        element("requires_new_virtual", "new_virtual");
    }

    void block_devices() {
        element("vm", "block-device");
        element("block-device-gpt", "", "block-device");
        element("block-device-mbr", "", "block-device");
        element("block-device-efi", "", "block-device");
    }
};

TEST_F(Expand, D1PutsADependencyBeforeItsDependent) {
    EXPECT_THAT(expand({"requires-foo"}), ElementsAre("foo", "requires-foo"));
}

TEST_F(Expand, D2FollowsDependenciesOfDependencies) {
    EXPECT_THAT(expand({"requires-requires-foo"}),
                ElementsAre("foo", "requires-foo", "requires-requires-foo"));
}

TEST_F(Expand, D3TakesAnElementWithoutDependencies) {
    EXPECT_THAT(expand({"foo"}), ElementsAre("foo"));
}

TEST_F(Expand, D4AllowsAnElementThatDependsOnItself) {
    EXPECT_THAT(expand({"self", "foo"}), ElementsAre("self", "foo"));
}

TEST_F(Expand, D5AllowsElementsThatDependOnOneAnother) {
    EXPECT_THAT(expand({"circular1"}), ElementsAre("circular2", "circular1"));
}

TEST_F(Expand, D6DoesNotUseAnElementWhoseNameIsProvided) {
    EXPECT_THAT(expand({"provides_virtual", "requires_virtual"}),
                ElementsAre("provides_virtual", "requires_virtual"));
    EXPECT_THAT(expand({"requires_virtual", "provides_virtual"}),
                ElementsAre("provides_virtual", "requires_virtual"));
}

TEST_F(Expand, D7RefusesARequestedElementThatAnotherProvides) {
    const util::ErrorInfo error = expand_error({"virtual", "provides_virtual"});
    EXPECT_EQ(error.what, "'virtual' is already provided by 'provides_virtual'");
    EXPECT_EQ(error.code, ExitCode::hook);
}

TEST_F(Expand, D8NeedsNoFolderForAProvidedName) {
    EXPECT_THAT(expand({"requires_new_virtual", "provides_new_virtual"}),
                ElementsAre("provides_new_virtual", "requires_new_virtual"));
}

TEST_F(Expand, D9RefusesTwoProvidersOfOneName) {
    element("os", "", "operating-system");
    const util::ErrorInfo error = expand_error({"os", "provides_virtual", "also_provides_virtual"});
    EXPECT_EQ(error.what, "'virtual' is already provided by 'provides_virtual'");
    EXPECT_THAT(error.hint, HasSubstr("also_provides_virtual"));
    EXPECT_EQ(error.code, ExitCode::hook);
}

TEST_F(Expand, D10AsksForAnOperatingSystem) {
    const util::ErrorInfo error = expand_error({"provides_virtual"});
    EXPECT_THAT(error.hint, StartsWith("please include an operating system element, one of: "));
    EXPECT_THAT(error.hint, HasSubstr("foo"));
    EXPECT_EQ(error.code, ExitCode::hook);
}

TEST_F(Expand, D11RefusesOperatingSystemAsAnElementWhenProvided) {
    EXPECT_EQ(expand_error({"circular1", "operating-system"}).what,
              "'operating-system' is already provided by 'circular1'");
}

TEST_F(Expand, D12NamesAnElementThatIsNotThere) {
    const util::ErrorInfo error = expand_error({"fake"});
    EXPECT_EQ(error.what, "element 'fake' not found");
    EXPECT_EQ(error.code, ExitCode::hook);
}

TEST_F(Expand, D16UsesARealElementWhenNothingProvidesItsName) {
    EXPECT_THAT(expand({"requires_virtual"}),
                ElementsAre("extra_dependency", "virtual", "requires_virtual"));
}

TEST_F(Expand, D18AddsAPartitionTableToAVirtualMachine) {
    block_devices();
    EXPECT_THAT(expand({"foo", "vm"}), ElementsAre("foo", "block-device-gpt", "vm"));
    EXPECT_THAT(expand({"foo", "vm"}, "arm64"), ElementsAre("foo", "block-device-efi", "vm"));
}

TEST_F(Expand, D18KeepsThePartitionTableThatWasAskedFor) {
    block_devices();
    EXPECT_THAT(expand({"foo", "vm", "block-device-mbr"}),
                ElementsAre("foo", "block-device-mbr", "vm"));
}

TEST_F(Expand, D18SeesVmAmongDependenciesToo) {
    block_devices();
    element("cloud", "vm");
    EXPECT_THAT(expand({"foo", "cloud"}), ElementsAre("foo", "block-device-gpt", "vm", "cloud"));
}

TEST_F(Expand, D18LeavesAnotherProviderOfBlockDeviceAlone) {
    block_devices();
    element("own-disk", "", "block-device");
    EXPECT_THAT(expand({"foo", "vm", "own-disk"}), ElementsAre("foo", "own-disk", "vm"));
}

TEST_F(Expand, D19RefusesTwoOperatingSystems) {
    EXPECT_EQ(expand_error({"foo", "circular1"}).what,
              "'operating-system' is already provided by 'foo'");
}

TEST_F(Expand, D20RefusesTwoPartitionTables) {
    block_devices();
    EXPECT_EQ(expand_error({"foo", "vm", "block-device-mbr", "block-device-gpt"}).what,
              "'block-device' is already provided by 'block-device-mbr'");
}

TEST_F(Expand, D21SaysThatElementDepsHasNoComments) {
    files.write("elements/commented/element-deps", "foo\n# comment\n");
    const util::ErrorInfo error = expand_error({"commented"});
    EXPECT_THAT(error.what, EndsWith("commented/element-deps:2: element '# comment' not found"));
    EXPECT_THAT(error.hint, StartsWith("comments are not supported in element-deps"));
    EXPECT_EQ(error.code, ExitCode::hook);
}

TEST_F(Expand, OffersTheNearestNameForAMisspeltElement) {
    EXPECT_EQ(expand_error({"foo", "requires-fooo"}).hint, "did you mean 'requires-foo'?");
}

TEST_F(Expand, OffersProvidersOfANameThatNothingChosenProvides) {
    element("needs", "new_virtual");
    EXPECT_EQ(expand_error({"foo", "needs"}).hint,
              "add an element that provides it, one of: provides_new_virtual");
}

TEST_F(Expand, RefusesPathsAndEmptyNames) {
    EXPECT_THAT(expand_error({"foo", "./foo"}).hint, HasSubstr("not a path"));
    EXPECT_EQ(expand_error({"foo", ""}).what, "element '' not found");
    EXPECT_EQ(expand_error({"foo", ".."}).what, "element '..' not found");
}

TEST_F(Expand, NeedsAnElement) {
    const util::ErrorInfo error = expand_error({});
    EXPECT_EQ(error.what, "at least one element must be given");
    EXPECT_EQ(error.code, ExitCode::usage);
    EXPECT_FALSE(error.hint.empty());
}

TEST_F(Expand, TakesAnElementNamedTwiceOnce) {
    EXPECT_THAT(expand({"foo", "self", "foo"}), ElementsAre("foo", "self"));
}

TEST_F(Expand, PutsTheImplicitBaseFirst) {
    element("base", "extra_dependency");
    const auto elements = element::expand(catalog(), {.elements = {"foo"}});
    ASSERT_EQ(elements.size(), 3U);
    EXPECT_EQ(elements[0].name, "extra_dependency");
    EXPECT_EQ(elements[1].name, "base");
    EXPECT_EQ(elements[2].name, "foo");
}

TEST_F(Expand, AddsFirstBootForAnElementWithFirstBootScripts) {
    element("first-boot", "extra_dependency");
    files.directory("elements/self/first-boot.d");
    EXPECT_THAT(expand({"foo", "self"}),
                ElementsAre("foo", "self", "extra_dependency", "first-boot"));
}

TEST_F(Expand, DoesWithoutFirstBootWhenThereIsNone) {
    files.directory("elements/self/first-boot.d");
    EXPECT_THAT(expand({"foo", "self"}), ElementsAre("foo", "self"));
}

TEST_F(Expand, RefusesAnElementDepsOfManyMegabytes) {
    files.write("elements/big/element-deps", std::string((1024 * 1024) + 1, '\n'));
    EXPECT_THAT(expand_error({"foo", "big"}).what, HasSubstr("is larger than 1.0 MiB"));
}

} // namespace
} // namespace kiln::tests
