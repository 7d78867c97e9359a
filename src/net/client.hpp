#pragma once

#include "util/error.hpp"

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace kiln::net {

/// What tells one version of a remote file from another (RFC 9110, section 8.8).
struct Validators {
    std::string etag{};
    std::string last_modified{};

    [[nodiscard]] bool empty() const { return etag.empty() && last_modified.empty(); }
};

enum class CachesBetween { allowed, bypassed };

/// A small file, read into memory.
struct DocumentRequest {
    std::string url;
    /// Those of a copy at hand: it is fetched only when there is another one.
    Validators known{};
    std::uint64_t limit = std::uint64_t{4} * 1024 * 1024;
    CachesBetween caches = CachesBetween::allowed;
};

struct Document {
    /// The copy at hand is current; body is empty.
    bool not_modified = false;
    std::string body{};
    Validators validators{};
};

/// Why a document of get_all() did not come.
struct DocumentFailure {
    util::ErrorInfo error;
    /// The server can be reached and says that there is none.
    bool absent = false;
};

using DocumentResult = std::variant<Document, DocumentFailure>;

/// A large file. What is in it already is taken as the beginning that an earlier, broken download
/// left, if the server says that it still belongs to the same version.
struct FileRequest {
    std::string url;
    /// Beside it, a file of this name and ".note" remembers which version the bytes are of.
    std::string path;
    std::uint64_t limit = std::uint64_t{64} * 1024 * 1024 * 1024;
};

struct FileResult {
    std::uint64_t size = 0;
    /// Bytes that came now; the rest was there.
    std::uint64_t transferred = 0;
};

/// Fetches over http and https, and from file:// URLs that were asked for as such. Everything
/// throws util::Error (code remote; code failed when the file here cannot be written).
class Client {
public:
    Client() = default;
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;
    Client(Client&&) = delete;
    Client& operator=(Client&&) = delete;
    virtual ~Client() = default;

    virtual Document get(const DocumentRequest& request) = 0;

    /// All of them at the same time, as far as the servers allow; the results in the same order.
    /// One that fails does not keep the others from coming. Throws only what a client throws to end
    /// the work. This default asks one after the other.
    virtual std::vector<DocumentResult> get_all(const std::vector<DocumentRequest>& requests);

    /// After an error the file may hold a part, for another try. Whether it is what was wanted is
    /// for a checksum to say.
    virtual FileResult download(const FileRequest& request) = 0;
};

/// Removes a file of download() and its note, whole or not.
void remove_download(const std::string& path);

} // namespace kiln::net
