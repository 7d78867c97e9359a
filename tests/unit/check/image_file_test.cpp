#include "check/image_file.hpp"
#include "util/atomic_file.hpp"
#include "util/error.hpp"
#include "util/temp_dir.hpp"

#include <gtest/gtest.h>

namespace kiln::check {
namespace {

class ImageFile : public ::testing::Test {
protected:
    std::string write(const std::string& content) {
        const std::string path = folder_.path() / "image";
        util::write_file_atomically(path, content);
        return path;
    }

    static std::string qcow2_header() {
        std::string header(104, '\0');
        header.replace(0, 8, std::string("QFI\xfb\0\0\0\3", 8));
        return header;
    }

private:
    util::TempDir folder_{"/tmp", "kiln-test-"};
};

TEST_F(ImageFile, that_starts_like_qcow2_is_qcow2) {
    EXPECT_EQ(detect_format(write(qcow2_header())), "qcow2");
}

TEST_F(ImageFile, of_anything_else_is_raw_even_when_short) {
    EXPECT_EQ(detect_format(write("")), "raw");
    EXPECT_EQ(detect_format(write(std::string(512, '\0'))), "raw");
}

TEST_F(ImageFile, with_a_backing_file_is_refused) {
    std::string header = qcow2_header();
    header[15] = 'h';
    EXPECT_THROW(detect_format(write(header)), util::Error);
}

TEST_F(ImageFile, with_an_external_data_file_is_refused) {
    std::string header = qcow2_header();
    header[79] = 4;
    EXPECT_THROW(detect_format(write(header)), util::Error);
}

TEST(RawCopy, is_made_with_its_format_given) {
    const std::vector<std::string> expected = {
        "qemu-img", "convert", "-f", "qcow2", "-O", "raw", "/images/nbd:x", "/tmp/copy"};
    EXPECT_EQ(raw_copy_command("/images/nbd:x", "qcow2", "/tmp/copy").argv, expected);
}

} // namespace
} // namespace kiln::check
