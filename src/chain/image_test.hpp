#pragma once

#include "chain/definition.hpp"
#include "chain/kiln_commands.hpp"
#include "process/command.hpp"

#include <filesystem>
#include <map>
#include <memory>
#include <string>

namespace kiln::chain {

/// The image that is tested.
struct TestedImage {
    /// Key of the image in the file.
    std::string name;
    std::string file;
    std::string format;
    /// Of the file.
    std::string sha256;
};

/// A way to test an image: it says what to run and what the end of that means. It must leave the
/// image as it is.
class ImageTest {
public:
    ImageTest() = default;
    ImageTest(const ImageTest&) = delete;
    ImageTest& operator=(const ImageTest&) = delete;
    ImageTest(ImageTest&&) = delete;
    ImageTest& operator=(ImageTest&&) = delete;
    virtual ~ImageTest() = default;

    /// For people, and in reports: "boot", "ssh-login".
    [[nodiscard]] virtual std::string name() const = 0;

    [[nodiscard]] virtual process::Command command(const TestedImage& image) const = 0;

    /// All that its verdict depends on beside the image, by name: a test that passed for these is
    /// not run again.
    [[nodiscard]] virtual std::map<std::string, std::string> inputs() const = 0;

    /// MiB that it needs while it runs.
    [[nodiscard]] virtual unsigned memory_mib() const = 0;

    /// Whether this end says that the image is not good; another one that is not 0 is a failure of
    /// the test itself.
    [[nodiscard]] virtual bool is_verdict(const process::Result& result) const = 0;
};

/// The mechanism that a definition asks for. folder is where commands of the user run.
std::unique_ptr<ImageTest> make_test(const TestDefinition& definition,
                                     const Caller& caller,
                                     const std::filesystem::path& folder);

} // namespace kiln::chain
