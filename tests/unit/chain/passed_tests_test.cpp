#include "chain/passed_tests.hpp"
#include "unit/util/test_files.hpp"

namespace kiln::tests {
namespace {

class PassedTestsOfAnImage : public testing::Test {
protected:
    std::string key(const chain::TestDefinition& test, const std::string& sha256 = "aa") {
        return chain::PassedTests::key_of(
            *chain::make_test(test, caller_, files.path()),
            {.name = "web", .file = "/x/web.qcow2", .format = "qcow2", .sha256 = sha256});
    }

    TestFiles files{};

private:
    chain::Caller caller_ = {.kiln = "/bin/kiln"};
};

TEST_F(PassedTestsOfAnImage, AreRemembered) {
    const std::string file = files / "tests.json";
    chain::PassedTests(file).add("key", "boot", "2026-01-01T00:00:00Z");
    EXPECT_EQ(chain::PassedTests(file).passed_at("key"), "2026-01-01T00:00:00Z");
    EXPECT_EQ(chain::PassedTests(file).passed_at("other"), "");
}

TEST_F(PassedTestsOfAnImage, AreForgottenWithADamagedFile) {
    const std::string file = files.write("tests.json", R"({"passed": {"key": {"test": 1}}})");
    EXPECT_EQ(chain::PassedTests(file).passed_at("key"), "");
}

TEST_F(PassedTestsOfAnImage, TheNewestHundredStay) {
    chain::PassedTests passed(files / "tests.json");
    for (int i = 100; i <= 200; ++i) {
        passed.add("key" + std::to_string(i), "boot", "at " + std::to_string(i));
    }
    EXPECT_EQ(passed.passed_at("key100"), "");
    EXPECT_EQ(passed.passed_at("key101"), "at 101");
}

TEST_F(PassedTestsOfAnImage, CountForTheSameImageAndInputsOnly) {
    const chain::BootTest boot;
    EXPECT_EQ(key(boot), key(boot));
    EXPECT_NE(key(boot), key(boot, "bb"));
    EXPECT_NE(key(boot), key(chain::BootTest{.firmware = "bios"}));
    EXPECT_NE(key(boot), key(chain::BootTest{.allow_failed = {"a.service"}}));
}

TEST_F(PassedTestsOfAnImage, CountWhileTheFilesOfACommandAreTheSame) {
    for (const std::string word : {"./check.py", "check.py"}) {
        const chain::CommandTest test = {.name = "check", .argv = {"python3", word}};
        files.write("check.py", "one");
        const std::string before = key(test);
        EXPECT_EQ(key(test), before) << word;
        files.write("check.py", "two");
        EXPECT_NE(key(test), before) << word;
    }
}

} // namespace
} // namespace kiln::tests
