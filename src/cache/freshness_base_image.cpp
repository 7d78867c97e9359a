#include "cache/freshness_question.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

namespace kiln::cache {
namespace {

/// Of lines as sha256sum and sha512sum write them ("HEX  NAME", "HEX *NAME", "SHA256 (NAME) =
/// HEX"), by name; what is else is left out. Whether the image is right is checked when it is
/// fetched.
std::map<std::string, std::string> checksums_of(const std::string& text) {
    std::map<std::string, std::string> checksums;
    for (const std::string& line : util::split(text, '\n')) {
        const std::vector<std::string> words = util::split_words(line);
        if (words.size() == 2) {
            checksums[words[1].substr(words[1].front() == '*' ? 1 : 0)] = words[0];
        } else if (words.size() == 4 && words[2] == "=" && words[1].size() > 2) {
            checksums[words[1].substr(1, words[1].size() - 2)] = words[3];
        }
    }
    return checksums;
}

/// A checksum list, and its signature where that is apart.
class BaseImageQuestion : public RepositoryQuestion {
public:
    BaseImageQuestion(const RepositoryUse& use, const QuestionTools& tools)
        : use_(use), tools_(tools) {}

    [[nodiscard]] std::set<std::string> wanted() const override {
        if (done_) {
            return {};
        }
        std::set<std::string> urls = {use_.url};
        if (use_.trust == RepositoryUse::Trust::signature && !use_.signature_url.empty()) {
            urls.insert(use_.signature_url);
        }
        return urls;
    }

    void take(const std::map<std::string, ListAnswer>& answers) override {
        for (const std::string& url : wanted()) {
            const ListAnswer& answer = answers.at(url);
            if (const auto* failure = std::get_if<net::DocumentFailure>(&answer)) {
                failure_ = failure->error;
                continue;
            }
            const auto& fetched = std::get<FetchedList>(answer);
            if (url == use_.url) {
                list_ = {.url = url, .text = fetched.body, .signature = list_.signature};
                since_ = fetched.since;
                changed_ = parse_date(fetched.last_modified);
            } else {
                list_.signature = fetched.body;
            }
        }
        done_ = true;
    }

    [[nodiscard]] RepositoryAnswer answer() const override {
        if (failure_) {
            return *failure_;
        }
        try {
            RepositoryNow now = {.changed = changed_, .since = since_};
            now.release.digests = checksums_of(tools_.verifier.verified(use_, list_));
            return now;
        } catch (const util::Error& error) {
            return error.info();
        }
    }

private:
    const RepositoryUse use_;
    const QuestionTools& tools_;
    bool done_ = false;
    SignedList list_{};
    std::int64_t since_ = 0;
    std::optional<std::int64_t> changed_{};
    std::optional<util::ErrorInfo> failure_{};
};

} // namespace

std::unique_ptr<RepositoryQuestion> ask_base_image(const RepositoryUse& use,
                                                   const QuestionTools& tools) {
    return std::make_unique<BaseImageQuestion>(use, tools);
}

} // namespace kiln::cache
