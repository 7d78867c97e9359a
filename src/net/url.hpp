#pragma once

#include <string>
#include <string_view>

namespace kiln::net {

/// "https" of "https://host/path", in lower case; empty when there is none.
std::string scheme_of(std::string_view url);

/// Whether text begins as a URL does ("scheme://").
bool is_url(std::string_view text);

/// Throws util::Error (code usage) unless the URL is http, https or file, names a place, and has
/// no blanks or control characters. meaning names it in the message: "variable DIB_CLOUD_IMAGES".
void require_fetchable(const std::string& url, const std::string& meaning);

/// The URL as it may be shown and logged: without user, password, query and fragment, which may
/// hold secrets.
std::string display_url(std::string_view url);

/// A URL and what stands before the '@' of its authority ("user:password"), taken out of it.
struct UrlAndLogin {
    std::string url;
    std::string login{};
};

UrlAndLogin take_login(std::string_view url);

/// "https://host:8080" of "https://user@host:8080/path".
std::string server_of(std::string_view url);

/// "base/name" with one slash between them.
std::string join_url(std::string_view base, std::string_view name);

/// The text as part of a query or of a path: all but letters, digits and "-._~" as %XX (RFC 3986).
std::string encode_component(std::string_view text);

/// The last part of the path, without query and fragment.
std::string file_name_of(std::string_view url);

} // namespace kiln::net
