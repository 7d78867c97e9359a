#include "cache/freshness_question.hpp"
#include "cache/rpm_metadata.hpp"
#include "cache/rpm_state.hpp"
#include "net/url.hpp"
#include "util/digest.hpp"
#include "util/error.hpp"

namespace kiln::cache {
namespace {

constexpr const char* k_list = "repodata/repomd.xml";
constexpr const char* k_signature = "repodata/repomd.xml.asc";

RepositoryAnswer answer_of(const RepositoryUse& use,
                           const QuestionTools& tools,
                           const SignedList& list,
                           std::int64_t since) {
    try {
        const std::string text = use.trust == RepositoryUse::Trust::none
                                     ? list.text
                                     : tools.verifier.verified(use, list);
        const RpmMetadata metadata = parse_repomd(text, net::display_url(list.url));
        RepositoryNow now = {.changed = metadata.date, .since = since};
        now.release.digests[k_rpm_index] = metadata.primary;
        return now;
    } catch (const util::Error& error) {
        return error.info();
    }
}

/// repomd.xml of one folder, and its signature where that counts.
class RpmQuestion : public RepositoryQuestion {
public:
    RpmQuestion(const RepositoryUse& use, const QuestionTools& tools) : use_(use), tools_(tools) {}

    [[nodiscard]] std::set<std::string> wanted() const override {
        if (done_) {
            return {};
        }
        std::set<std::string> urls = {use_.url + k_list};
        if (use_.trust == RepositoryUse::Trust::signature) {
            urls.insert(use_.url + k_signature);
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
            if (url == use_.url + k_signature) {
                list_.signature = fetched.body;
            } else {
                list_ = {.url = url, .text = fetched.body, .signature = list_.signature};
                since_ = fetched.since;
            }
        }
        done_ = true;
    }

    [[nodiscard]] RepositoryAnswer answer() const override {
        return failure_ ? *failure_ : answer_of(use_, tools_, list_, since_);
    }

private:
    const RepositoryUse use_;
    const QuestionTools& tools_;
    bool done_ = false;
    SignedList list_{};
    std::int64_t since_ = 0;
    std::optional<util::ErrorInfo> failure_{};
};

/// A mirror list first, then repomd.xml of the first mirrors until one has a current one. A
/// metalink tells which digests that may have: when the list at hand has the newest, no mirror is
/// asked.
class RpmMirrorsQuestion : public RepositoryQuestion {
public:
    RpmMirrorsQuestion(const RepositoryUse& use, const QuestionTools& tools)
        : use_(use), tools_(tools) {}

    [[nodiscard]] std::set<std::string> wanted() const override {
        if (kept_ || failure_) {
            return {};
        }
        return mirror_ ? mirror_->wanted() : std::set<std::string>{use_.url};
    }

    void take(const std::map<std::string, ListAnswer>& answers) override {
        if (mirror_) {
            take_from_mirror(answers);
            return;
        }
        const ListAnswer& answer = answers.at(use_.url);
        if (const auto* failure = std::get_if<net::DocumentFailure>(&answer)) {
            failure_ = failure->error;
            return;
        }
        try {
            mirrors_ =
                parse_mirrors(std::get<FetchedList>(answer).body, net::display_url(use_.url));
            find_kept();
            ask_next_mirror();
        } catch (const util::Error& error) {
            failure_ = error.info();
        }
    }

    [[nodiscard]] RepositoryAnswer answer() const override {
        if (failure_) {
            return *failure_;
        }
        if (kept_) {
            return answer_of(use_, tools_, {.url = use_.url, .text = kept_->body}, kept_->since);
        }
        return mirror_->answer();
    }

private:
    static constexpr std::size_t k_most_mirrors = 4;

    /// Where the last list of any mirror is kept.
    [[nodiscard]] std::string kept_name() const { return use_.url + "\n" + k_list; }

    void find_kept() {
        auto kept = tools_.documents.find_list(kept_name());
        if (kept && use_.trust == RepositoryUse::Trust::none && !mirrors_.digests.empty() &&
            util::sha256(kept->body) == mirrors_.digests.front()) {
            kept_ = std::move(kept);
        }
    }

    [[nodiscard]] bool has_more_mirrors() const {
        return next_ < std::min(mirrors_.folders.size(), k_most_mirrors);
    }

    void ask_next_mirror() {
        RepositoryUse use = use_;
        use.kind = RepositoryUse::Kind::rpm;
        use.url = mirrors_.folders[next_++];
        use.url += use.url.back() == '/' ? "" : "/";
        list_url_ = use.url + k_list;
        mirror_ = std::make_unique<RpmQuestion>(use, tools_);
    }

    void take_from_mirror(const std::map<std::string, ListAnswer>& answers) {
        mirror_->take(answers);
        const auto* list = std::get_if<FetchedList>(&answers.at(list_url_));
        if (list != nullptr && is_right(list->body)) {
            tools_.documents.put_list(kept_name(), {.body = list->body, .since = list->since});
        } else if (has_more_mirrors()) {
            ask_next_mirror();
        } else if (list != nullptr) {
            failure_ = {.what = "the mirrors of '" + net::display_url(use_.url) +
                                "' are not up to date",
                        .hint = "try again later",
                        .code = util::ExitCode::remote};
        }
    }

    [[nodiscard]] bool is_right(const std::string& body) const {
        const std::vector<std::string>& digests = mirrors_.digests;
        return digests.empty() ||
               std::find(digests.begin(), digests.end(), util::sha256(body)) != digests.end();
    }

    const RepositoryUse use_;
    const QuestionTools& tools_;
    RpmMirrors mirrors_{};
    std::size_t next_ = 0;
    std::string list_url_{};
    std::unique_ptr<RepositoryQuestion> mirror_{};
    std::optional<KeptDocument> kept_{};
    std::optional<util::ErrorInfo> failure_{};
};

} // namespace

std::unique_ptr<RepositoryQuestion> ask_rpm(const RepositoryUse& use, const QuestionTools& tools) {
    return std::make_unique<RpmQuestion>(use, tools);
}

std::unique_ptr<RepositoryQuestion> ask_rpm_mirrors(const RepositoryUse& use,
                                                    const QuestionTools& tools) {
    return std::make_unique<RpmMirrorsQuestion>(use, tools);
}

} // namespace kiln::cache
