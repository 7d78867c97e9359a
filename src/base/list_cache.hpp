#pragma once

#include "net/client.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace kiln::base {

/// A checksum list as it was fetched, with its signature. It is checked anew whenever it is used.
struct FetchedList {
    net::Validators validators{};
    std::string text{};
    /// Empty: there is none, or it is around the text.
    std::string signature{};
};

/// Lists by where they came from: the whole of it is in the file, its name is a digest of it. A
/// URL may hold a password, so what is kept is the digest only.
class ListCache {
public:
    explicit ListCache(std::filesystem::path folder) : folder_(std::move(folder)) {}

    /// Nothing when there is none, or a broken one.
    [[nodiscard]] std::optional<FetchedList> find(const std::string& list_url,
                                                  const std::string& signature_url) const;

    void put(const std::string& list_url,
             const std::string& signature_url,
             const FetchedList& list) const;

private:
    [[nodiscard]] std::string file(const std::string& list_url,
                                   const std::string& signature_url) const;

    std::filesystem::path folder_;
};

} // namespace kiln::base
