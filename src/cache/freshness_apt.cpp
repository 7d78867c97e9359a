#include "cache/freshness_question.hpp"
#include "net/url.hpp"
#include "util/error.hpp"

namespace kiln::cache {
namespace {

using Trust = RepositoryUse::Trust;

/// InRelease, or where there is none Release and Release.gpg. What was there last time is asked for
/// first, so that a repository that has only one of the two costs one round.
class AptQuestion : public RepositoryQuestion {
public:
    AptQuestion(const RepositoryUse& use, const QuestionTools& tools)
        : use_(use),
          tools_(tools),
          detached_(!tools.documents.list_checked(use.url + "InRelease", tools.now) &&
                    tools.documents.list_checked(use.url + "Release", tools.now)) {}

    [[nodiscard]] std::set<std::string> wanted() const override {
        if (done_) {
            return {};
        }
        if (!detached_) {
            return {use_.url + "InRelease"};
        }
        std::set<std::string> urls = {use_.url + "Release"};
        if (use_.trust == Trust::signature) {
            urls.insert(use_.url + "Release.gpg");
        }
        return urls;
    }

    void take(const std::map<std::string, ListAnswer>& answers) override {
        for (const std::string& url : wanted()) {
            const ListAnswer& answer = answers.at(url);
            if (const auto* failure = std::get_if<net::DocumentFailure>(&answer)) {
                give_up(*failure);
                return;
            }
            add(url, std::get<FetchedList>(answer));
        }
        done_ = true;
    }

    [[nodiscard]] RepositoryAnswer answer() const override {
        if (failure_) {
            return *failure_;
        }
        try {
            const std::string text = tools_.verifier.verified(use_, list_);
            return from(parse_release(text));
        } catch (const util::Error& error) {
            return error.info();
        }
    }

private:
    void give_up(const net::DocumentFailure& failure) {
        if (failure.absent && !tried_other_) {
            tried_other_ = true;
            detached_ = !detached_;
            return;
        }
        failure_ = failure.error;
        done_ = true;
    }

    void add(const std::string& url, const FetchedList& list) {
        if (url == use_.url + "Release.gpg") {
            list_.signature = list.body;
            return;
        }
        list_.url = url;
        list_.text = list.body;
        since_ = list.since;
        modified_ = parse_date(list.last_modified);
    }

    [[nodiscard]] RepositoryAnswer from(AptRelease release) const {
        const std::string name = net::display_url(list_.url);
        if (release.digests.empty()) {
            return util::ErrorInfo{.what = "'" + name + "' names no indexes of packages",
                                   .hint = "is the address of the package source right?",
                                   .code = util::ExitCode::remote};
        }
        const bool over =
            release.has_valid_until && (!release.valid_until || *release.valid_until < tools_.now);
        if (over && use_.expiry == RepositoryUse::Expiry::checked) {
            return util::ErrorInfo{.what = "'" + name + "' has expired",
                                   .hint =
                                       "the mirror is no longer updated, or the clock is wrong; "
                                       "for an archive: [check-valid-until=no]",
                                   .code = util::ExitCode::remote};
        }
        const auto changed = std::max(release.date, modified_);
        return RepositoryNow{.release = std::move(release), .changed = changed, .since = since_};
    }

    const RepositoryUse use_;
    const QuestionTools& tools_;
    bool detached_;
    bool tried_other_ = false;
    bool done_ = false;
    SignedList list_{};
    std::int64_t since_ = 0;
    std::optional<std::int64_t> modified_{};
    std::optional<util::ErrorInfo> failure_{};
};

class NobodyQuestion : public RepositoryQuestion {
public:
    explicit NobodyQuestion(const RepositoryUse& use) : url_(net::display_url(use.url)) {}

    [[nodiscard]] std::set<std::string> wanted() const override { return {}; }

    void take(const std::map<std::string, ListAnswer>& /*answers*/) override {}

    [[nodiscard]] RepositoryAnswer answer() const override {
        return util::ErrorInfo{.what = "whether '" + url_ + "' has new packages cannot be asked",
                               .hint = "kiln asks over http, https, file: and copy:",
                               .code = util::ExitCode::remote};
    }

private:
    std::string url_;
};

} // namespace

std::unique_ptr<RepositoryQuestion> ask_apt(const RepositoryUse& use, const QuestionTools& tools) {
    return std::make_unique<AptQuestion>(use, tools);
}

std::unique_ptr<RepositoryQuestion> ask_nobody(const RepositoryUse& use) {
    return std::make_unique<NobodyQuestion>(use);
}

std::unique_ptr<RepositoryQuestion> ask_repository(const RepositoryUse& use,
                                                   const QuestionTools& tools) {
    const std::string scheme = net::scheme_of(use.url);
    if (scheme != "http" && scheme != "https" && scheme != "file") {
        return ask_nobody(use);
    }
    switch (use.kind) {
    case RepositoryUse::Kind::apt:
        return ask_apt(use, tools);
    case RepositoryUse::Kind::rpm:
        return ask_rpm(use, tools);
    case RepositoryUse::Kind::rpm_mirrors:
        return ask_rpm_mirrors(use, tools);
    case RepositoryUse::Kind::base_image:
        return ask_base_image(use, tools);
    }
    return ask_nobody(use);
}

} // namespace kiln::cache
