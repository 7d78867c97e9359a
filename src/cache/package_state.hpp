#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kiln::cache {

/// The digest of an index that the repository's list does not name.
inline constexpr const char* k_absent_index = "absent";

/// One index of a package repository: a Packages file of apt, or the primary of an rpm repository.
struct PackageIndex {
    /// Relative to the repository, as its signed list names it: "main/binary-amd64/Packages".
    std::string path;
    /// For people: "bookworm-security main amd64".
    std::string title;
    /// SHA-256 of the uncompressed index, in hexadecimal; where the list names only compressed
    /// ones, of the first of them; k_absent_index; empty: not known.
    std::string digest;

    friend bool operator==(const PackageIndex& a, const PackageIndex& b) {
        return a.path == b.path && a.digest == b.digest;
    }
};

/// What a layer used of one repository.
struct RepositoryUse {
    enum class Kind {
        apt,         ///< url is the folder of InRelease (or Release and Release.gpg)
        rpm,         ///< url is the folder that holds repodata/repomd.xml
        rpm_mirrors, ///< url is a mirror list or a metalink of such folders
        base_image,  ///< url is the checksum list, the one index is the image in it
    };
    enum class Trust {
        signature, ///< by one of the keyrings; without any, nothing is good
        none,      ///< the sources say [trusted=yes], or repo_gpgcheck=0
    };
    enum class Expiry {
        checked, ///< a list whose Valid-Until is past does not count
        ignored, ///< the sources say [check-valid-until=no]
    };

    Kind kind = Kind::apt;
    /// Without user and password.
    std::string url;
    /// Keys that must have signed it: content addresses in the store of documents.
    std::vector<std::string> keyrings{};
    /// Of these keys only, by their fingerprints; empty: of any in the keyrings.
    std::vector<std::string> fingerprints{};
    /// Of base_image: where the detached signature is; empty: it is around the list.
    std::string signature_url{};
    Trust trust = Trust::signature;
    Expiry expiry = Expiry::checked;
    /// Sorted by path.
    std::vector<PackageIndex> indexes{};
};

/// All that a layer used, sorted by url. Empty: none.
struct PackageState {
    std::vector<RepositoryUse> repositories{};

    [[nodiscard]] bool empty() const { return repositories.empty(); }

    /// Whether all digests are known; a state in which one is missing is never current.
    [[nodiscard]] bool complete() const;
};

/// A state, and when the hook ended that used it: then the repositories had it. Seconds since 1970.
struct DatedState {
    PackageState state;
    std::int64_t time = 0;
};

/// SHA-256 over kinds, URLs, paths and digests (not the keyrings), in hexadecimal.
std::string state_digest(const PackageState& state);

/// JSON, one line; from_json throws util::Error on what is none.
std::string to_json(const PackageState& state);
PackageState package_state_from_json(const std::string& text);

/// In words, what differs first: "bookworm-security main amd64 has new packages"; nothing when they
/// are the same. Digests that are not known differ from everything.
std::optional<std::string> first_difference(const PackageState& recorded,
                                            const PackageState& current);

} // namespace kiln::cache
