#include "cache/freshness_fetcher.hpp"

#include "net/url.hpp"

#include <optional>
#include <utility>
#include <vector>

namespace kiln::cache {
namespace {

constexpr std::uint64_t k_largest = std::uint64_t{32} << 20U;

bool same(const net::Validators& a, const net::Validators& b) {
    return a.etag == b.etag && a.last_modified == b.last_modified;
}

} // namespace

std::map<std::string, ListAnswer> ListFetcher::fetch(const std::set<std::string>& urls,
                                                     std::int64_t now) const {
    std::vector<net::DocumentRequest> requests;
    std::vector<std::optional<KeptDocument>> kept;
    for (const std::string& url : urls) {
        kept.push_back(documents_.find_list(url));
        requests.push_back({.url = url,
                            .known = kept.back() ? kept.back()->validators : net::Validators{},
                            .limit = k_largest});
    }
    std::vector<net::DocumentResult> results = client_.get_all(requests);
    std::map<std::string, ListAnswer> answers;
    for (std::size_t i = 0; i < requests.size(); ++i) {
        const std::string& url = requests[i].url;
        answers[url] = settle(url, kept[i], std::move(results[i]), now);
    }
    return answers;
}

ListAnswer ListFetcher::settle(const std::string& url,
                               const std::optional<KeptDocument>& kept,
                               net::DocumentResult&& result,
                               std::int64_t now) const {
    if (auto* failure = std::get_if<net::DocumentFailure>(&result)) {
        if (failure->absent) {
            documents_.remove_list(url);
        }
        return std::move(*failure);
    }
    auto& document = std::get<net::Document>(result);
    if (document.not_modified && !kept) {
        return net::DocumentFailure{{.what = "'" + net::display_url(url) + "' was not sent",
                                     .hint = "is there a proxy that answers what was not asked?",
                                     .code = util::ExitCode::remote}};
    }
    KeptDocument list = {.validators = document.validators, .body = std::move(document.body)};
    const bool unchanged = kept && (document.not_modified || kept->body == list.body);
    if (document.not_modified) {
        list = *kept;
    }
    list.since = unchanged ? kept->since : now;
    if (!unchanged || !same(kept->validators, list.validators)) {
        documents_.put_list(url, list);
    }
    documents_.mark_list_checked(url, now);
    return FetchedList{.body = std::move(list.body),
                       .last_modified = list.validators.last_modified,
                       .since = list.since};
}

} // namespace kiln::cache
