#pragma once

#include "chain/image_test.hpp"

#include <filesystem>
#include <map>
#include <string>

namespace kiln::chain {

/// The tests that an image has passed, in a file of its folder: a rerun does not repeat them.
class PassedTests {
public:
    /// What cannot be read counts as nothing passed.
    explicit PassedTests(std::filesystem::path file);

    /// SHA-256 over the image's digest and all inputs of the test.
    static std::string key_of(const ImageTest& test, const TestedImage& image);

    /// When it passed (ISO 8601), or empty.
    [[nodiscard]] std::string passed_at(const std::string& key) const;

    /// Kept at once. The newest hundred stay.
    void add(const std::string& key, const std::string& name, const std::string& time);

private:
    struct Entry {
        std::string name;
        std::string time;
    };

    std::filesystem::path file_;
    std::map<std::string, Entry> entries_;
};

} // namespace kiln::chain
