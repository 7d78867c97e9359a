#include "element/declared_inputs.hpp"
#include "element/expand.hpp"
#include "element/hook_inputs.hpp"
#include "element/hook_list.hpp"
#include "element/hook_tree.hpp"
#include "element/phase.hpp"
#include "element/script_facts.hpp"
#include "unit/util/test_files.hpp"

#include <gmock/gmock.h>

#include <regex>

namespace kiln::tests {
namespace {

using element::HookInputs;
using element::PhaseInfo;
using element::Side;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

/// A server of kiln's own elements.
class OwnHooks : public ::testing::Test {
protected:
    void SetUp() override {
        const element::Catalog catalog({std::string(KILN_SOURCE_DIR) + "/elements"});
        const std::vector<element::Element> elements =
            element::expand(catalog,
                            {.elements = {"debian-minimal",
                                          "vm",
                                          "cloud-init-datasources",
                                          "devuser",
                                          "local-config",
                                          "openssh-server",
                                          "growroot",
                                          "runtime-ssh-host-keys",
                                          "element-manifest"},
                             .architecture = "amd64"});
        element::HookTree(elements).write(files.path() / "hooks");
        snapshot.emplace(files.path() / "hooks");
    }

    [[nodiscard]] std::vector<std::string> hooks_of(const PhaseInfo& phase) const {
        std::vector<std::string> paths;
        const std::string folder = element::hook_directory(phase.phase);
        for (const std::string& name : element::list_hooks(snapshot->root() / folder).hooks) {
            paths.push_back(folder + "/" + name);
        }
        return paths;
    }

    /// Those whose layers are kept.
    [[nodiscard]] std::vector<std::string> kept_hooks() const {
        std::vector<std::string> paths;
        for (const PhaseInfo& phase : element::phases()) {
            if (phase.phase == element::Phase::root || phase.side == Side::chroot) {
                const std::vector<std::string> more = hooks_of(phase);
                paths.insert(paths.end(), more.begin(), more.end());
            }
        }
        return paths;
    }

    [[nodiscard]] std::vector<std::string> that_see(const std::string& variable) {
        std::vector<std::string> paths;
        for (const std::string& hook : kept_hooks()) {
            if (!reader.inputs_of(*snapshot, hook, {variable}).variables.empty()) {
                paths.push_back(hook);
            }
        }
        return paths;
    }

    TestFiles files{};
    std::optional<element::HooksSnapshot> snapshot{};
    element::HookInputsReader reader{};
};

TEST_F(OwnHooks, NoneSeesEverything) {
    ASSERT_GT(kept_hooks().size(), 30U);
    for (const std::string& hook : kept_hooks()) {
        const HookInputs inputs = reader.inputs_of(*snapshot, hook, {});
        EXPECT_THAT(inputs.reasons, IsEmpty()) << hook;
        EXPECT_FALSE(inputs.sees_all_files || inputs.sees_all_variables) << hook;
        EXPECT_FALSE(inputs.reads_elements || inputs.reads_library) << hook;
    }
}

TEST_F(OwnHooks, AVariableCountsWhereItIsUsed) {
    EXPECT_THAT(that_see("DIB_GRUB_TIMEOUT"),
                ElementsAre("root.d/01-check-bootloader", "finalise.d/50-bootloader"));
    EXPECT_THAT(that_see("DIB_DEV_USER_GROUPS"), ElementsAre("install.d/50-devuser"));
    EXPECT_THAT(that_see("DIB_RELEASE"), Contains("root.d/50-debian-minimal"));
}

TEST_F(OwnHooks, TheRootDoesNotDependOnTheLaterHooks) {
    const HookInputs root = reader.inputs_of(*snapshot, "root.d/50-debian-minimal", {});
    EXPECT_THAT(root.files, Contains("debian-lib/sources.bash"));
    EXPECT_THAT(root.files, Contains("build-env/usr/local/sbin/update-initramfs"));
    EXPECT_THAT(root.files, Contains("environment.d/10-debian-minimal"));
    EXPECT_THAT(root.files, Not(Contains("environment.d/10-bootloader")));
    EXPECT_THAT(root.files, Not(Contains("bin/install-packages")));
}

TEST_F(OwnHooks, ThoseOfTheHostSayWhatTheyRead) {
    for (const PhaseInfo& phase : element::phases()) {
        for (const std::string& hook :
             phase.side == Side::host ? hooks_of(phase) : std::vector<std::string>{}) {
            EXPECT_TRUE(element::parse_declared_inputs(*snapshot->find(hook)->text, hook)) << hook;
        }
    }
}

/// The words that element::read_script knows of kiln's tool are those that it reads.
TEST(BaseImageTool, ReadsNoVariableThatHookInputsDoesNotKnow) {
    const std::string source =
        util::read_file(std::string(KILN_SOURCE_DIR) + "/src/base/image_source.cpp");
    const auto names = element::read_script("exec \"$KILN\" tool base-image\n").names;
    const std::regex use(R"re((?:get|word|absolute_path|is_on)\("([A-Z0-9_]+)"\))re");
    std::size_t count = 0;
    for (std::sregex_iterator found(source.begin(), source.end(), use), end; found != end;
         ++found) {
        EXPECT_THAT(names, Contains((*found)[1].str()));
        ++count;
    }
    EXPECT_GT(count, 10U);
}

} // namespace
} // namespace kiln::tests
