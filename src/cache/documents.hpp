#pragma once

#include "net/client.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace kiln::cache {

/// The last answer of a server to the question for a URL.
struct KeptDocument {
    net::Validators validators{};
    std::string body{};
    /// When this very body came first, by the clock here; seconds since 1970.
    std::int64_t since = 0;
};

/// What the freshness of packages is told by, in a folder that many builds use at the same time:
///   lists/NAME      the last body of a URL with its validators; NAME is a digest of the URL. The
///                   file's time tells when the server last said that it is current
///   verified/NAME   a text whose signature was found good; NAME is a digest of all that went into
///                   that: see verification_name
///   keyrings/NAME   public keys; NAME is their digest
/// Every file is written beside its place and renamed, holds its own digest, and is absent when
/// that is wrong. Of each kind the oldest are removed above a number.
class Documents {
public:
    static constexpr std::size_t k_most_of_a_kind = 500;

    /// Folders are made when something is put in.
    explicit Documents(std::filesystem::path folder, std::size_t most = k_most_of_a_kind)
        : folder_(std::move(folder)), most_(most) {}

    [[nodiscard]] std::optional<KeptDocument> find_list(const std::string& url) const;
    void put_list(const std::string& url, const KeptDocument& list) const;

    /// When the server last said that the kept list is current; nothing without a list, or when
    /// that lies in the future. Seconds since 1970.
    [[nodiscard]] std::optional<std::int64_t> list_checked(const std::string& url,
                                                           std::int64_t now) const;
    void remove_list(const std::string& url) const;

    /// That was now.
    void mark_list_checked(const std::string& url, std::int64_t now) const;

    [[nodiscard]] std::optional<std::string> find_verified(const std::string& name) const;
    void put_verified(const std::string& name, std::string_view text) const;

    /// Puts keys in, armoured or not; their address. Nothing when they cannot be unpacked.
    [[nodiscard]] std::optional<std::string> put_keyring(std::string_view bytes) const;

    /// File of a keyring for gpgv; nothing when it is not here. Using it keeps it.
    [[nodiscard]] std::optional<std::string> keyring_file(const std::string& address) const;

private:
    [[nodiscard]] std::string list_file(const std::string& url) const;
    [[nodiscard]] std::string file(const char* kind, const std::string& name) const;
    void put(const char* kind, const std::string& name, std::string_view content) const;

    std::filesystem::path folder_;
    std::size_t most_;
};

} // namespace kiln::cache
