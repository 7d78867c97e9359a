#include "catalog/build_record.hpp"
#include "unit/util/test_files.hpp"
#include "util/text.hpp"

#include <gmock/gmock.h>

#include <fcntl.h>
#include <sys/stat.h>

namespace kiln::tests {
namespace {

using catalog::BuildRecord;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

BuildRecord sample() {
    return {.sha256 = std::string(64, 'a'),
            .size = 5,
            .modified = 1'700'000'000'123'456'789,
            .format = "qcow2",
            .disk_size = std::uint64_t{5} << 30U,
            .build = "key",
            .built = 1'700'000'000,
            .elements = {"debian", "vm"},
            .architecture = "x86_64",
            .os_distro = "debian",
            .os_version = "12",
            .kiln = "0.1.0"};
}

/// The text of the sample with one thing in it replaced; it must be there.
std::string edited(const std::string& from, const std::string& to) {
    const std::string text = catalog::to_json(sample());
    EXPECT_THAT(text, HasSubstr(from));
    return util::replace_all(text, from, to);
}

class BuildRecordFile : public testing::Test {
protected:
    void SetUp() override { files.write("web.qcow2", "image"); }

    void set_time(std::int64_t seconds, long nanoseconds) const {
        const timespec time = {.tv_sec = seconds, .tv_nsec = nanoseconds};
        const timespec times[2] = {time, time}; // NOLINT(*-avoid-c-arrays)
        ASSERT_EQ(::utimensat(AT_FDCWD, image.c_str(), times, 0), 0);
    }

    TestFiles files{};
    const std::string image = files / "web.qcow2";
};

TEST(BuildRecord, ComesBackAsItWasWritten) {
    const auto record = catalog::build_record_from_json(catalog::to_json(sample()));
    ASSERT_TRUE(record.has_value());
    EXPECT_EQ(record->sha256, std::string(64, 'a'));
    EXPECT_EQ(record->size, 5U);
    EXPECT_EQ(record->modified, 1'700'000'000'123'456'789);
    EXPECT_EQ(record->format, "qcow2");
    EXPECT_EQ(record->disk_size, std::uint64_t{5} << 30U);
    EXPECT_EQ(record->build, "key");
    EXPECT_EQ(record->built, 1'700'000'000);
    EXPECT_THAT(record->elements, ElementsAre("debian", "vm"));
    EXPECT_EQ(record->architecture, "x86_64");
    EXPECT_EQ(record->os_distro, "debian");
    EXPECT_EQ(record->os_version, "12");
    EXPECT_EQ(record->kiln, "0.1.0");
    EXPECT_EQ(catalog::to_json(*record), catalog::to_json(sample()));
}

TEST(BuildRecord, IsNoneOfWhatIsNoRecord) {
    const std::string whole = catalog::to_json(sample());
    for (const std::string& text : {std::string(),
                                    std::string("{"),
                                    std::string("[]"),
                                    std::string("null"),
                                    std::string("{}"),
                                    std::string("{\"kiln_record\": 1}"),
                                    std::string(1000, '['),
                                    whole.substr(0, whole.size() / 2)}) {
        EXPECT_FALSE(catalog::build_record_from_json(text).has_value()) << text;
    }
}

TEST(BuildRecord, IsNoneWhenAFieldHoldsSomethingElse) {
    for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
             {"\"size\": 5", "\"size\": -5"},
             {"\"size\": 5", "\"size\": 5.5"},
             {"\"size\": 5", "\"size\": \"5\""},
             {"\"built\": 1700000000", "\"built\": true"},
             {"\"elements\": [", "\"elements\": [7, "},
             {"\"os_distro\": \"debian\"", "\"os_distro\": null"},
             {"\"format\"", "\"other\""},
             {std::string(64, 'a'), std::string(63, 'a')},
             {std::string(64, 'a'), std::string(64, 'A')}}) {
        EXPECT_FALSE(catalog::build_record_from_json(edited(from, to)).has_value()) << to;
    }
}

TEST(BuildRecord, OfAnotherVersionIsNone) {
    for (const char* version : {"0", "2", "\"1\"", "null"}) {
        const std::string text =
            edited("\"kiln_record\": 1", std::string("\"kiln_record\": ") + version);
        EXPECT_FALSE(catalog::build_record_from_json(text).has_value()) << version;
    }
}

TEST(BuildRecord, MayHaveFieldsThatThisProgramDoesNotKnow) {
    const std::string text = edited("\"kiln_record\": 1", "\"kiln_record\": 1, \"more\": [{}]");
    EXPECT_TRUE(catalog::build_record_from_json(text).has_value());
}

TEST(BuildRecord, HoldsTextThatIsNoUtf8AsWellAsItCan) {
    BuildRecord record = sample();
    record.elements = {"caf\xe9"};
    const auto read = catalog::build_record_from_json(catalog::to_json(record));
    ASSERT_TRUE(read.has_value());
    EXPECT_THAT(read->elements, ElementsAre("caf\xef\xbf\xbd"));
}

TEST_F(BuildRecordFile, LiesBesideTheImageAndTellsOfItAsItIsNow) {
    set_time(1'600'000'000, 42);
    catalog::write_build_record(image, sample());
    EXPECT_TRUE(files.has("web.qcow2.kiln.json"));
    const auto record = catalog::read_build_record(image);
    ASSERT_TRUE(record.has_value());
    EXPECT_EQ(record->size, 5U);
    EXPECT_EQ(record->modified, 1'600'000'000'000'000'042);
    EXPECT_EQ(record->format, "qcow2");
}

TEST_F(BuildRecordFile, IsReplacedAsAWhole) {
    files.write("web.qcow2.kiln.json", std::string(100000, 'x'));
    EXPECT_FALSE(catalog::read_build_record(image).has_value());
    catalog::write_build_record(image, sample());
    EXPECT_TRUE(catalog::read_build_record(image).has_value());
    EXPECT_THAT(files.read("web.qcow2.kiln.json"), Not(HasSubstr("xx")));
}

TEST_F(BuildRecordFile, TellsNothingOfAnotherFileUnderTheName) {
    set_time(1'600'000'000, 42);
    catalog::write_build_record(image, sample());
    set_time(1'600'000'000, 43);
    EXPECT_FALSE(catalog::read_build_record(image).has_value());
    files.write("web.qcow2", "larger");
    set_time(1'600'000'000, 42);
    EXPECT_FALSE(catalog::read_build_record(image).has_value());
    files.write("web.qcow2", "IMAGE");
    set_time(1'600'000'000, 42);
    EXPECT_TRUE(catalog::read_build_record(image).has_value());
}

TEST_F(BuildRecordFile, GoesWithTheImage) {
    catalog::write_build_record(image, sample());
    std::filesystem::rename(image, files / "old.qcow2");
    std::filesystem::rename(catalog::record_path(image), catalog::record_path(files / "old.qcow2"));
    EXPECT_TRUE(catalog::read_build_record(files / "old.qcow2").has_value());
    EXPECT_FALSE(catalog::read_build_record(image).has_value());
}

TEST_F(BuildRecordFile, IsNoneWhereItCannotBeRead) {
    EXPECT_FALSE(catalog::read_build_record(image).has_value());
    files.directory("web.qcow2.kiln.json");
    EXPECT_FALSE(catalog::read_build_record(image).has_value());
    EXPECT_FALSE(catalog::read_build_record(files / "none").has_value());
    // One that somebody else made, to keep the reader waiting or to fill its memory.
    std::filesystem::remove(catalog::record_path(image));
    ASSERT_EQ(::mkfifo(catalog::record_path(image).c_str(), 0644), 0);
    EXPECT_FALSE(catalog::read_build_record(image).has_value());
    std::filesystem::remove(catalog::record_path(image));
    const std::string text = catalog::to_json(catalog::with_state_of(image, sample()));
    files.write("web.qcow2.kiln.json", text + std::string(2 << 20U, ' '));
    EXPECT_FALSE(catalog::read_build_record(image).has_value());
    files.write("web.qcow2.kiln.json", text + std::string(1000, ' '));
    EXPECT_TRUE(catalog::read_build_record(image).has_value());
}

TEST_F(BuildRecordFile, IsNotWrittenOfAnImageThatIsNotThere) {
    const util::ErrorInfo error =
        error_of([&] { catalog::write_build_record(files / "none", sample()); });
    EXPECT_THAT(error.what, HasSubstr("none'"));
    EXPECT_FALSE(files.has("none.kiln.json"));
}

} // namespace
} // namespace kiln::tests
