#include "catalog/local_file.hpp"
#include "util/digest.hpp"
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

TEST_F(LocalFileTest, HashesManyPiecesWithStartsAnewAmongThem) {
    const std::string text = std::string(3'000'001, 'x') + "the end";
    std::ofstream(path_) << text;
    util::Digest whole(util::DigestKind::sha512);
    whole.update(text);
    LocalFile file(path_);
    const store::ImageData data = file.data([](std::uint64_t) {});
    read(data, 1'000'000);
    data.rewind();
    std::string got;
    for (std::string piece = "-"; !piece.empty();) {
        piece = read(data, 65'537);
        got += piece;
    }
    EXPECT_EQ(got, text);
    EXPECT_EQ(file.finish(), whole.finish());
}

TEST_F(LocalFileTest, EndsWithoutADigest) {
    LocalFile file(path_);
    EXPECT_EQ(read(file.data([](std::uint64_t) {}), 2), "ab");
}

TEST_F(LocalFileTest, RefusesAFileThatBecameShorter) {
    LocalFile file(path_);
    read(file.data([](std::uint64_t) {}), 1);
    std::filesystem::resize_file(path_, 2);
    EXPECT_THROW(file.finish(), util::Error);
}

TEST_F(LocalFileTest, RefusesAFileThatChangedMeanwhile) {
    LocalFile file(path_);
    read(file.data([](std::uint64_t) {}), 3);
    std::ofstream(path_, std::ios::app) << "d";
    EXPECT_THROW(file.finish(), util::Error);
}

} // namespace
} // namespace kiln::catalog
