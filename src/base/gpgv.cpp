#include "base/gpgv.hpp"

#include "util/text.hpp"

#include <vector>

namespace kiln::base {
namespace {

constexpr std::chrono::seconds k_longest{60};

std::string problem_of(const std::string& keyword, const std::string& key) {
    if (keyword == "BADSIG") {
        return "the signature does not belong to this list";
    }
    if (keyword == "NO_PUBKEY") {
        return "its key " + key + " is not in the keyring";
    }
    if (keyword == "EXPKEYSIG") {
        return "its key " + key + " has expired";
    }
    if (keyword == "REVKEYSIG") {
        return "its key " + key + " was revoked";
    }
    if (keyword == "EXPSIG") {
        return "the signature has expired";
    }
    if (keyword == "NODATA" || keyword == "UNEXPECTED") {
        return "this is no signature";
    }
    return "";
}

/// Goes through the lines of one run.
class StatusReader {
public:
    void add(const std::string& keyword, const std::string& key) {
        if (keyword == "NEWSIG") {
            good_ = false;
            fingerprint_.clear();
        }
        good_ = good_ || keyword == "GOODSIG";
        if (keyword == "VALIDSIG") {
            fingerprint_ = key;
        }
        if (good_ && !fingerprint_.empty() && !result_.signer) {
            result_.signer = fingerprint_;
        }
        note_problem(keyword, key);
    }

    GpgvStatus finish() {
        if (bad_) {
            result_.signer.reset();
        }
        if (!result_.signer && result_.problem.empty()) {
            result_.problem = "there is no good signature";
        }
        return std::move(result_);
    }

private:
    void note_problem(const std::string& keyword, const std::string& key) {
        const std::string problem = problem_of(keyword, key);
        if (!problem.empty() && !bad_) {
            result_.problem = problem;
            bad_ = keyword == "BADSIG";
        }
    }

    GpgvStatus result_{};
    /// Of the signature that is being told of.
    bool good_ = false;
    std::string fingerprint_{};
    bool bad_ = false;
};

} // namespace

process::Command gpgv_command(const Gpgv& options) {
    std::vector<std::string> argv = {"gpgv",
                                     "--homedir",
                                     options.home,
                                     "--keyring",
                                     options.keyring,
                                     "--weak-digest",
                                     "SHA1",
                                     "--status-fd",
                                     "1"};
    if (!options.output.empty()) {
        argv.insert(argv.end(), {"--output", options.output});
    }
    argv.emplace_back("--");
    if (!options.signature.empty()) {
        argv.push_back(options.signature);
    }
    argv.push_back(options.file);
    return {.argv = argv,
            .environment = process::tool_environment(),
            .working_directory = options.home,
            .timeout = k_longest};
}

process::ToolRequirement gpgv_requirement() {
    return {.name = "gpgv", .purpose = "checks signatures of base images", .package = "gpgv"};
}

GpgvStatus read_gpgv_status(std::string_view status) {
    StatusReader reader;
    for (const std::string& line : util::split(status, '\n')) {
        const std::vector<std::string> words = util::split_words(line);
        if (words.size() > 1 && words[0] == "[GNUPG:]") {
            reader.add(words[1], words.size() > 2 ? words[2] : "");
        }
    }
    return reader.finish();
}

} // namespace kiln::base
