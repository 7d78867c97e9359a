#include "process/tools/gpgv.hpp"

#include "util/text.hpp"

#include <vector>

namespace kiln::process {
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
    /// The words after "[GNUPG:]", the keyword first.
    void add(const std::vector<std::string>& words) {
        const std::string& keyword = words[0];
        const std::string key = words.size() > 1 ? words[1] : "";
        if (keyword == "NEWSIG") {
            good_ = false;
            keys_.clear();
        }
        good_ = good_ || keyword == "GOODSIG";
        if (keyword == "VALIDSIG" && !key.empty()) {
            keys_ = {key, words.back()};
        }
        if (good_ && !keys_.empty()) {
            result_.signer = result_.signer.value_or(keys_.front());
            result_.good_keys.insert(result_.good_keys.end(), keys_.begin(), keys_.end());
            keys_.clear();
        }
        note_problem(keyword, key);
    }

    GpgvStatus finish() {
        if (bad_) {
            result_.signer.reset();
            result_.good_keys.clear();
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
    std::vector<std::string> keys_{};
    bool bad_ = false;
};

} // namespace

Command gpgv_command(const Gpgv& options) {
    std::vector<std::string> argv = {"gpgv", "--homedir", options.home};
    for (const std::string& keyring : options.keyrings) {
        argv.insert(argv.end(), {"--keyring", keyring});
    }
    argv.insert(argv.end(), {"--weak-digest", "SHA1", "--status-fd", "1"});
    if (!options.output.empty()) {
        argv.insert(argv.end(), {"--output", options.output});
    }
    argv.emplace_back("--");
    if (!options.signature.empty()) {
        argv.push_back(options.signature);
    }
    argv.push_back(options.file);
    return {.argv = argv,
            .environment = tool_environment(),
            .working_directory = options.home,
            .timeout = k_longest};
}

ToolRequirement gpgv_requirement() {
    return {
        .name = "gpgv", .purpose = "checks the signatures of what is fetched", .package = "gpgv"};
}

GpgvStatus read_gpgv_status(std::string_view status) {
    StatusReader reader;
    for (const std::string& line : util::split(status, '\n')) {
        std::vector<std::string> words = util::split_words(line);
        if (words.size() > 1 && words[0] == "[GNUPG:]") {
            words.erase(words.begin());
            reader.add(words);
        }
    }
    return reader.finish();
}

} // namespace kiln::process
