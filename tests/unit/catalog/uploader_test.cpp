#include "catalog/uploader.hpp"

#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>

namespace kiln::tests {
namespace {

using catalog::UploaderState;

TEST(Uploader, ThisProcessIsAlive) {
    EXPECT_EQ(catalog::state_of_uploader(catalog::this_uploader()), UploaderState::alive);
}

TEST(Uploader, ProcessThatEndedIsKnownForOne) {
    std::string uploader = catalog::this_uploader();
    const std::size_t first = uploader.find('-');
    const std::size_t second = uploader.find('-', first + 1);
    const pid_t child = ::fork();
    if (child == 0) {
        ::_exit(0);
    }
    ::waitpid(child, nullptr, 0);
    uploader.replace(first + 1, second - first - 1, std::to_string(child));
    EXPECT_EQ(catalog::state_of_uploader(uploader), UploaderState::ended);
}

TEST(Uploader, SameNumberOfAnotherProcessIsNotTheUploader) {
    EXPECT_EQ(catalog::state_of_uploader(catalog::this_uploader() + "0"), UploaderState::ended);
}

TEST(Uploader, OtherMachinesAndNonsenseAreUnknown) {
    for (const char* text : {"", "x", "0123456789abcdef-1-2", "--", "a-b-c-d"}) {
        EXPECT_EQ(catalog::state_of_uploader(text), UploaderState::unknown) << text;
    }
}

} // namespace
} // namespace kiln::tests
