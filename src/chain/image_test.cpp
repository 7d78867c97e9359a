#include "chain/image_test.hpp"

#include "util/digest.hpp"
#include "util/error.hpp"
#include "util/fd.hpp"
#include "util/text.hpp"

namespace kiln::chain {
namespace {

namespace fs = std::filesystem;

/// What a machine takes beside its memory.
constexpr unsigned k_machine_overhead_mib = 200;

/// kiln test --boot.
class BootMechanism : public ImageTest {
public:
    BootMechanism(BootTest test, const Caller& caller) : test_(std::move(test)), caller_(caller) {}

    [[nodiscard]] std::string name() const override {
        return test_.firmware == "both" ? "boot" : "boot-" + test_.firmware;
    }

    [[nodiscard]] process::Command command(const TestedImage& image) const override {
        return boot_command(test_, image.file, caller_);
    }

    [[nodiscard]] std::map<std::string, std::string> inputs() const override {
        return {{"test", "boot"},
                {"firmware", test_.firmware},
                {"memory", std::to_string(test_.memory_mib)},
                {"timeout", test_.timeout},
                {"allow_failed", util::join(test_.allow_failed, "\n")}};
    }

    [[nodiscard]] unsigned memory_mib() const override {
        return test_.memory_mib + k_machine_overhead_mib;
    }

    [[nodiscard]] bool is_verdict(const process::Result& result) const override {
        return result.exit_code == static_cast<int>(util::ExitCode::test);
    }

private:
    BootTest test_;
    const Caller& caller_;
};

/// A program of the user's own, in his environment.
class CommandMechanism : public ImageTest {
public:
    CommandMechanism(CommandTest test, const Caller& caller, fs::path folder)
        : test_(std::move(test)), caller_(caller), folder_(std::move(folder)) {}

    [[nodiscard]] std::string name() const override { return test_.name; }

    [[nodiscard]] process::Command command(const TestedImage& image) const override {
        process::Command command = {.argv = test_.argv,
                                    .environment = caller_.environment,
                                    .working_directory = folder_.string(),
                                    .timeout = test_.timeout};
        command.environment["KILN"] = caller_.kiln;
        command.environment["KILN_IMAGE"] = image.file;
        command.environment["KILN_IMAGE_FORMAT"] = image.format;
        command.environment["KILN_IMAGE_NAME"] = image.name;
        command.environment["KILN_IMAGE_SHA256"] = image.sha256;
        return command;
    }

    /// Files among the arguments count with their content.
    [[nodiscard]] std::map<std::string, std::string> inputs() const override {
        std::map<std::string, std::string> inputs = {
            {"test", "command"},
            {"name", test_.name},
            {"timeout", std::to_string(test_.timeout.count())}};
        for (std::size_t index = 0; index < test_.argv.size(); ++index) {
            const std::string& word = test_.argv[index];
            const fs::path path = folder_ / word;
            std::error_code ignored;
            inputs["argument " + std::to_string(index)] = word;
            // A program without a '/' is looked up in PATH.
            const bool is_path = index > 0 || word.find('/') != std::string::npos;
            if (is_path && fs::is_regular_file(path, ignored)) {
                inputs["file " + std::to_string(index)] =
                    util::sha256(util::read_file(path.string()));
            }
        }
        return inputs;
    }

    [[nodiscard]] unsigned memory_mib() const override { return test_.memory_mib; }

    [[nodiscard]] bool is_verdict(const process::Result& /*result*/) const override { return true; }

private:
    CommandTest test_;
    const Caller& caller_;
    fs::path folder_;
};

} // namespace

std::unique_ptr<ImageTest>
make_test(const TestDefinition& definition, const Caller& caller, const fs::path& folder) {
    if (const auto* boot = std::get_if<BootTest>(&definition)) {
        return std::make_unique<BootMechanism>(*boot, caller);
    }
    return std::make_unique<CommandMechanism>(std::get<CommandTest>(definition), caller, folder);
}

} // namespace kiln::chain
