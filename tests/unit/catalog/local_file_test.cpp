#include "catalog/local_file.hpp"
#include "util/error.hpp"
#include "util/temp_dir.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace kiln::catalog {
namespace {

class LocalFileTest : public ::testing::Test {
protected:
    void SetUp() override { std::ofstream(path_) << "abc"; }

    static std::string read(const store::ImageData& data, std::size_t count) {
        std::string text(count, '.');
        text.resize(data.read(text.data(), count));
        return text;
    }

    util::TempDir folder_{std::filesystem::temp_directory_path(), "kiln-local-file-"};
    std::string path_ = (folder_.path() / "image").string();
    // The first example of FIPS 180.
    std::string digest_ = "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                          "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f";
};

TEST_F(LocalFileTest, HashesWhatItHandsOut) {
    LocalFile file(path_);
    std::uint64_t told = 0;
    const store::ImageData data = file.data([&](std::uint64_t done) { told = done; });
    EXPECT_EQ(read(data, 2), "ab");
    EXPECT_EQ(read(data, 2), "c");
    EXPECT_EQ(read(data, 2), "");
    EXPECT_EQ(told, 3);
    EXPECT_EQ(file.finish(), digest_);
}

TEST_F(LocalFileTest, HashesAllOfAFileThatWasRewoundInVain) {
    LocalFile file(path_);
    const store::ImageData data = file.data([](std::uint64_t) {});
    read(data, 3);
    data.rewind();
    read(data, 1);
    EXPECT_EQ(file.finish(), digest_);
}

TEST_F(LocalFileTest, RefusesAFileThatChangedMeanwhile) {
    LocalFile file(path_);
    read(file.data([](std::uint64_t) {}), 3);
    std::ofstream(path_, std::ios::app) << "d";
    EXPECT_THROW(file.finish(), util::Error);
}

} // namespace
} // namespace kiln::catalog
