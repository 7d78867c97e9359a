#pragma once

#include <set>
#include <string>
#include <string_view>

namespace kiln::util {

/// What stands in place of a secret.
constexpr std::string_view k_hidden = "<hidden>";

/// Whether a variable, option or field of that name usually holds a secret: PASSWORD, SECRET,
/// TOKEN, KEY, CREDENTIALS, AUTH and their kin as a part of it, in any case. In doubt yes,
/// but not kiln's own lists of such names.
bool is_secret_name(std::string_view name);

/// The names in a list of variables (KILN_SECRET_VARIABLES), separated by commas or blanks.
std::set<std::string> listed_names(std::string_view list);

/// The text with what looks like a secret hidden: user and password of URLs (the user of an ssh URL
/// stays), values of NAME=VALUE with a secret name (in queries of URLs too), what follows
/// "Authorization:" on its line, and the word after "password" of a netrc line.
std::string hide_credentials(std::string_view text);

/// What may be written down of a variable.
std::string shown_value(std::string_view name, std::string_view value);

} // namespace kiln::util
