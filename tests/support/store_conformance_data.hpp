#pragma once

#include "support/store_conformance.hpp"
#include "util/fd.hpp"

#include <fcntl.h>

namespace kiln::tests {

/// A folder to download into.
class DownloadFolder {
public:
    [[nodiscard]] std::string target() const { return (directory_.path() / "image").string(); }

    [[nodiscard]] std::string part() const { return target() + ".part"; }

    static void write(const std::string& path, const std::string& content) {
        const util::Fd fd = util::open_file(path, O_WRONLY | O_CREAT | O_TRUNC);
        util::write_all(fd.get(), content, path);
    }

    [[nodiscard]] std::string content() const { return util::read_file(target()); }

    [[nodiscard]] bool has_target() const { return std::filesystem::exists(target()); }

private:
    util::TempDir directory_{std::filesystem::temp_directory_path(), "kiln-test-"};
};

inline constexpr const auto k_no_progress = [](std::uint64_t, std::uint64_t) {};

TEST_P(ImageStoreConformance, TakesDataOfAnySizeAndKnowsItsDigests) {
    for (const std::size_t size : {0UL, 1UL, 65536UL, 5000001UL}) {
        const std::string content = noise(size, 1);
        const store::Image image = upload("sized", content);
        for (const store::Image& seen : {image, found(image.id)}) {
            EXPECT_EQ(seen.status, store::ImageStatus::active);
            EXPECT_TRUE(seen.is_complete());
            EXPECT_EQ(seen.size, size);
            EXPECT_EQ(seen.checksum, digest_of(util::DigestKind::md5, content));
            EXPECT_EQ(seen.hash_algorithm, "sha512");
            EXPECT_EQ(seen.hash_value, digest_of(util::DigestKind::sha512, content));
        }
    }
}

TEST_P(ImageStoreConformance, TakesDataThatIsMostlyZeros) {
    const std::string content =
        std::string(1000000, '\0') + noise(100, 2) + std::string(1000003, '\0');
    const std::string id = upload("sparse", content).id;
    EXPECT_EQ(found(id).hash_value, digest_of(util::DigestKind::sha512, content));
    const DownloadFolder folder;
    images().download(id, folder.target(), k_no_progress);
    EXPECT_TRUE(folder.content() == content);
}

TEST_P(ImageStoreConformance, TakesDataOnce) {
    const std::string id = upload("once", "first").id;
    const std::string second = "second";
    EXPECT_EQ(problem_of([&] { images().upload(id, data_of(second)); }), store::Problem::conflict);
    EXPECT_EQ(found(id).hash_value, digest_of(util::DigestKind::sha512, "first"));
}

TEST_P(ImageStoreConformance, TakesNoDataForWhatIsNotThere) {
    const std::string content = "data";
    EXPECT_EQ(problem_of([&] { images().upload(fresh_id(), data_of(content)); }),
              store::Problem::absent);
}

TEST_P(ImageStoreConformance, AnUploadWhoseSourceFailsLeavesNoDataAndMayBeRepeated) {
    const std::string content = noise(3000000, 3);
    const std::string id = create("broken").id;
    store::ImageData broken = data_of(content);
    const auto read = broken.read;
    int calls = 0;
    broken.read = [&](char* buffer, std::size_t capacity) -> std::size_t {
        if (++calls > 3) {
            throw std::runtime_error("the disk has gone");
        }
        return read(buffer, std::min<std::size_t>(capacity, 300000));
    };
    EXPECT_ANY_THROW(images().upload(id, broken));
    ASSERT_TRUE(becomes_queued(id));
    EXPECT_EQ(found(id).checksum, "");
    EXPECT_EQ(images().upload(id, data_of(content)).hash_value,
              digest_of(util::DigestKind::sha512, content));
}

TEST_P(ImageStoreConformance, AnUploadThatEndsTooSoonLeavesNoData) {
    const std::string content = noise(1000000, 4);
    const std::string id = create("short").id;
    store::ImageData announced = data_of(content);
    announced.size += 1;
    EXPECT_ANY_THROW(images().upload(id, announced));
    ASSERT_TRUE(becomes_queued(id));
    EXPECT_EQ(images().upload(id, data_of(content)).size, content.size());
}

TEST_P(ImageStoreConformance, DeactivatesAndReactivatesAndBothTwice) {
    const std::string id = upload("state", "data").id;
    for (int i = 0; i < 2; ++i) {
        images().deactivate(id);
        EXPECT_EQ(found(id).status, store::ImageStatus::deactivated);
        EXPECT_EQ(found(id).hash_value, digest_of(util::DigestKind::sha512, "data"));
    }
    for (int i = 0; i < 2; ++i) {
        images().reactivate(id);
        EXPECT_EQ(found(id).status, store::ImageStatus::active);
    }
}

TEST_P(ImageStoreConformance, AnImageWithoutDataHasNoStateToChange) {
    const std::string id = create().id;
    EXPECT_EQ(problem_of([&] { images().deactivate(id); }), store::Problem::forbidden);
    EXPECT_EQ(problem_of([&] { images().reactivate(id); }), store::Problem::forbidden);
    EXPECT_EQ(found(id).status, store::ImageStatus::queued);
}

TEST_P(ImageStoreConformance, HandsOutItsDataAndTellsHowFarItIs) {
    const std::string content = noise(3000000, 5);
    const std::string id = upload("whole", content).id;
    const DownloadFolder folder;
    std::uint64_t last = 0;
    images().download(id, folder.target(), [&](std::uint64_t done, std::uint64_t all) {
        EXPECT_GE(done, last);
        EXPECT_EQ(all, content.size());
        last = done;
    });
    EXPECT_EQ(last, content.size());
    EXPECT_TRUE(folder.content() == content);
    EXPECT_FALSE(std::filesystem::exists(folder.part()));
}

TEST_P(ImageStoreConformance, HandsOutDataOfNoBytes) {
    const std::string id = upload("empty", "").id;
    const DownloadFolder folder;
    images().download(id, folder.target(), k_no_progress);
    EXPECT_EQ(folder.content(), "");
}

TEST_P(ImageStoreConformance, GoesOnWithADownloadWhereItStopped) {
    const std::string content = noise(3000000, 6);
    const std::string id = upload("resumed", content).id;
    const DownloadFolder folder;
    DownloadFolder::write(folder.part(), content.substr(0, 2000000));
    std::optional<std::uint64_t> first;
    images().download(id, folder.target(), [&](std::uint64_t done, std::uint64_t) {
        first = first.value_or(done);
    });
    EXPECT_GE(first.value_or(0), 2000000U);
    EXPECT_TRUE(folder.content() == content);
}

TEST_P(ImageStoreConformance, DoesNotBuildOnAPartThatIsOfSomethingElse) {
    const std::string content = noise(3000000, 7);
    const std::string id = upload("other part", content).id;
    for (const std::size_t size : {1000000UL, 3000000UL, 4000000UL}) {
        const DownloadFolder folder;
        DownloadFolder::write(folder.part(), noise(size, 8));
        try {
            images().download(id, folder.target(), k_no_progress);
        } catch (const store::StoreError& error) { // then the next one starts over
            EXPECT_EQ(error.problem(), store::Problem::damaged);
            EXPECT_FALSE(folder.has_target());
            images().download(id, folder.target(), k_no_progress);
        }
        EXPECT_TRUE(folder.content() == content);
    }
}

TEST_P(ImageStoreConformance, HandsOutNothingWhereThereIsNoData) {
    const DownloadFolder folder;
    const std::string queued = create().id;
    EXPECT_EQ(problem_of([&] { images().download(queued, folder.target(), k_no_progress); }),
              store::Problem::conflict);
    EXPECT_EQ(problem_of([&] { images().download(fresh_id(), folder.target(), k_no_progress); }),
              store::Problem::absent);
    EXPECT_FALSE(folder.has_target());
}

TEST_P(ImageStoreConformance, HandsOutNothingOfADeactivatedImage) {
    if (!GetParam().refuses_deactivated_data) {
        GTEST_SKIP() << "an administrator may read it";
    }
    const DownloadFolder folder;
    const std::string id = upload("closed", "data").id;
    images().deactivate(id);
    EXPECT_EQ(problem_of([&] { images().download(id, folder.target(), k_no_progress); }),
              store::Problem::forbidden);
    EXPECT_FALSE(folder.has_target());
    images().reactivate(id);
    images().download(id, folder.target(), k_no_progress);
    EXPECT_EQ(folder.content(), "data");
}

} // namespace kiln::tests
