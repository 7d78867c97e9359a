#pragma once

#include "util/error.hpp"
#include "util/fd.hpp"
#include "util/temp_dir.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>

namespace kiln::tests {

/// A folder for one test, gone afterwards.
class TestFiles {
public:
    [[nodiscard]] const std::filesystem::path& path() const { return directory_.path(); }

    [[nodiscard]] std::string operator/(const std::string& name) const {
        return (path() / name).string();
    }

    /// Makes a file, and the folders above it.
    std::string
    write(const std::string& name, const std::string& content, unsigned mode = 0644) const {
        const std::filesystem::path file = path() / name;
        std::filesystem::create_directories(file.parent_path());
        const util::Fd fd = util::open_file(file.string(), O_WRONLY | O_CREAT | O_TRUNC);
        util::write_all(fd.get(), content, file.string());
        EXPECT_EQ(::fchmod(fd.get(), mode), 0);
        return file.string();
    }

    std::string directory(const std::string& name) const {
        std::filesystem::create_directories(path() / name);
        return (path() / name).string();
    }

    void link(const std::string& target, const std::string& name) const {
        std::filesystem::create_directories((path() / name).parent_path());
        std::filesystem::create_symlink(target, path() / name);
    }

    [[nodiscard]] std::string read(const std::string& name) const {
        return util::read_file((path() / name).string());
    }

    [[nodiscard]] bool has(const std::string& name) const {
        return std::filesystem::exists(std::filesystem::symlink_status(path() / name));
    }

private:
    util::TempDir directory_{std::filesystem::temp_directory_path(), "kiln-test-"};
};

/// What an action fails with; the test fails when it does not.
template <typename Action>
util::ErrorInfo error_of(const Action& action) {
    try {
        action();
    } catch (const util::Error& error) {
        return error.info();
    }
    ADD_FAILURE() << "nothing was thrown";
    return {.what = ""};
}

} // namespace kiln::tests
