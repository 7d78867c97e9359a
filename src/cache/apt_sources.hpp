#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::cache {

/// One package source of apt: one URI and one suite of it (sources.list(5)).
struct AptSource {
    std::string uri;
    /// A path that ends in '/' is a flat repository, which has no components.
    std::string suite;
    std::vector<std::string> components{};
    /// Architectures in place of the usual ones, added to them, taken from them.
    std::vector<std::string> architectures{};
    std::vector<std::string> added_architectures{};
    std::vector<std::string> removed_architectures{};
    /// Paths of keyrings and fingerprints.
    std::vector<std::string> signed_by{};
    /// A key in ASCII armour that stands in the source itself.
    std::string embedded_key{};
    bool trusted = false;
    bool check_valid_until = true;
};

/// Sources of binary packages in the one-line style; what is no source is left out, as it is for
/// apt to complain of. Never throws.
std::vector<AptSource> parse_one_line_sources(std::string_view text);

/// The same in the deb822 style.
std::vector<AptSource> parse_deb822_sources(std::string_view text);

/// A paragraph of a control file: names of fields in lower case, and their values; lines of a value
/// are separated by '\n', without the blank they begin with.
using Deb822Paragraph = std::map<std::string, std::string>;

/// Comments are left out.
std::vector<Deb822Paragraph> parse_deb822(std::string_view text);

/// Empty where the paragraph has none. name: in lower case.
std::string field(const Deb822Paragraph& paragraph, const std::string& name);

/// "yes" and "no" as apt knows them; nothing for other words.
std::optional<bool> apt_bool(std::string_view word);

/// Whether a file of apt.conf(5) turns the check of Valid-Until off for all sources:
/// "Acquire::Check-Valid-Until "false";", in one line or as a block.
bool ignores_valid_until(std::string_view apt_conf);

/// Folder of the signed list of a source, ending in '/': "http://host/debian/dists/bookworm/".
/// $(ARCH) is replaced. User and password are left out.
std::string release_folder(const AptSource& source, const std::string& architecture);

/// Name of the file in /var/lib/apt/lists that apt gives to a URL (URItoFileName of apt-pkg).
std::string apt_list_name(std::string_view url);

} // namespace kiln::cache
