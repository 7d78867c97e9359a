#include "build/outside_files.hpp"
#include "support/memory_reporter.hpp"
#include "unit/util/test_files.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace kiln::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class OutsideFilesTest : public ::testing::Test {
protected:
    std::vector<std::string> targets() {
        std::vector<std::string> result;
        for (const build::OutsideFile& file :
             build::find_outside_files(files.directory("output"), options, reporter)) {
            result.push_back(file.target.string());
        }
        return result;
    }

    std::vector<std::string> warnings() { return reporter.texts(report::EventKind::warning); }

    TestFiles files{};
    MemoryReporter reporter{};
    build::BuildOptions options = {.output = "/images/web", .formats = "raw,qcow2"};
};

TEST_F(OutsideFilesTest, GoBesideTheImageWithTheirFolders) {
    files.write("output/web.vmlinuz", "kernel");
    files.write("output/web.d/dib-manifests/dpkg", "list");
    files.write("output/web.d/note", "note");
    EXPECT_THAT(targets(),
                ElementsAre("/images/web.d/dib-manifests/dpkg",
                            "/images/web.d/note",
                            "/images/web.vmlinuz"));
    EXPECT_THAT(warnings(), IsEmpty());
}

TEST_F(OutsideFilesTest, WithOtherNamesStayInTheBuildWithAWarning) {
    files.write("output/web-2.vmlinuz", "kernel");
    files.write("output/index.html", "left by wget");
    EXPECT_THAT(targets(), IsEmpty());
    ASSERT_THAT(warnings(), SizeIs(2));
    EXPECT_THAT(warnings().front(), HasSubstr("begin with 'web.'"));
}

TEST_F(OutsideFilesTest, AreNoLinks) {
    files.write("output/web.d/file", "text");
    files.link("/etc/passwd", "output/web.d/link");
    files.link("/etc", "output/web.etc");
    EXPECT_THAT(targets(), ElementsAre("/images/web.d/file"));
    EXPECT_THAT(warnings(), SizeIs(2));
}

TEST_F(OutsideFilesTest, CannotTakeThePlaceOfTheImage) {
    for (const std::string name : {"web.qcow2", "web.raw.sha256"}) {
        TestFiles other;
        other.write(name, "mine");
        const util::ErrorInfo error =
            error_of([&] { build::find_outside_files(other.path(), options, reporter); });
        EXPECT_EQ(error.code, util::ExitCode::hook);
        EXPECT_THAT(error.what, HasSubstr("'" + name + "'"));
    }
}

} // namespace
} // namespace kiln::tests
