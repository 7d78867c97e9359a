#include "workspace.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace kiln::tests {
namespace {

using nlohmann::json;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::IsEmpty;

class Doctor : public AsUser {
protected:
    [[nodiscard]] static Finished doctor(const Workspace& space,
                                         std::vector<std::string> more = {}) {
        more.insert(more.begin(), "doctor");
        return space.kiln(more);
    }

    [[nodiscard]] static json check(const Workspace& space, const std::string& name) {
        const json document = json::parse(doctor(space, {"--json"}).out);
        for (const json& check : document.at("checks")) {
            if (check.at("name") == name) {
                return check;
            }
        }
        ADD_FAILURE() << "no check '" << name << "' in " << document;
        return {};
    }
};

TEST_P(Doctor, TellsWhichWayABuildTakesWhereOneCanRun) {
    const Workspace space(GetParam());
    const Finished result = doctor(space);
    EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
    EXPECT_THAT(result.out,
                HasSubstr(GetParam() == User::root ? "A build here runs as root."
                                                   : "A build here runs in a user namespace."));
    EXPECT_THAT(result.out, ContainsRegex("\nok +sandbox +.*\n"));
    EXPECT_THAT(result.out, ContainsRegex("\nok +overlay +.*\n"));
    EXPECT_EQ(result.err, "");
}

TEST_P(Doctor, LeavesNothingBehind) {
    const Workspace space(GetParam());
    static_cast<void>(doctor(space));
    EXPECT_THAT(space.list("cache"), IsEmpty());
    EXPECT_THAT(space.list("state"), IsEmpty());
    EXPECT_THAT(space.list("home"), IsEmpty());
    EXPECT_THAT(space.list("out"), IsEmpty());
}

TEST_P(Doctor, EndsInTime) {
    const Workspace space(GetParam());
    EXPECT_LT(doctor(space).took, std::chrono::seconds(60));
}

TEST_P(Doctor, TellsTheVersionOfATool) {
    const Workspace space(GetParam());
    EXPECT_THAT(check(space, "mke2fs").at("finding").get<std::string>(),
                ContainsRegex("^[0-9]+\\.[0-9.]+$"));
}

TEST_P(Doctor, EveryCheckSaysWhatItMeansAndEveryFailureHowToMendIt) {
    const Workspace space(GetParam());
    const json document = json::parse(doctor(space, {"--json"}).out);
    EXPECT_GT(document.at("checks").size(), 15U);
    for (const json& check : document.at("checks")) {
        EXPECT_NE(check.at("meaning"), "") << check;
        EXPECT_NE(check.at("finding"), "") << check;
        if (check.at("state") == "fail") {
            EXPECT_NE(check.at("mend"), "") << check;
        }
    }
}

TEST_P(Doctor, AWorkFolderThatIsNoFolderFails) {
    Workspace space(GetParam());
    space.write("file", "");
    const Finished result = doctor(space, {"--work-dir", space / "file"});
    EXPECT_EQ(result.exit_code, 4);
    EXPECT_THAT(result.out, ContainsRegex("fail +work folder"));
    EXPECT_THAT(result.out, HasSubstr("A build cannot run here"));
}

INSTANTIATE_TEST_SUITE_P(As, Doctor, testing::Values(User::root, User::plain), user_name);

} // namespace
} // namespace kiln::tests
