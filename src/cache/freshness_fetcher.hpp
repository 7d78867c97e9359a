#pragma once

#include "cache/documents.hpp"
#include "net/client.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <variant>

namespace kiln::cache {

/// A list as the server has it now.
struct FetchedList {
    std::string body{};
    std::string last_modified{};
    /// Since when it is known here to be this very text; seconds since 1970.
    std::int64_t since = 0;
};

using ListAnswer = std::variant<FetchedList, net::DocumentFailure>;

/// Asks for lists, a number of them at once, and each only if it is not the one at hand.
class ListFetcher {
public:
    ListFetcher(const Documents& documents, net::Client& client)
        : documents_(documents), client_(client) {}

    /// One round; now: seconds since 1970. A list that is absent is forgotten.
    [[nodiscard]] std::map<std::string, ListAnswer> fetch(const std::set<std::string>& urls,
                                                          std::int64_t now) const;

private:
    [[nodiscard]] ListAnswer settle(const std::string& url,
                                    const std::optional<KeptDocument>& kept,
                                    net::DocumentResult&& result,
                                    std::int64_t now) const;

    const Documents& documents_;
    net::Client& client_;
};

} // namespace kiln::cache
