#pragma once

#include "store/glance/cloud.hpp"

#include <optional>
#include <string>
#include <vector>

namespace kiln::store {

/// What is said of one cloud, wherever it is said. Keys are those of clouds.yaml, the ones within
/// `auth` included.
class CloudSettings {
public:
    CloudSettings() = default;
    CloudSettings(const CloudSettings&) = delete;
    CloudSettings& operator=(const CloudSettings&) = delete;
    CloudSettings(CloudSettings&&) = delete;
    CloudSettings& operator=(CloudSettings&&) = delete;
    virtual ~CloudSettings() = default;

    /// Nothing where it is absent or empty.
    [[nodiscard]] virtual std::optional<std::string> value(const std::string& key) const = 0;

    [[nodiscard]] virtual std::vector<std::string> regions() const = 0;

    /// Throws util::Error (code usage): the value of a key that is there is wrong.
    [[noreturn]] virtual void
    refuse(const std::string& key, const std::string& what, const std::string& hint) const = 0;

    /// The same: a key is missing. example is a value that it may have.
    [[noreturn]] virtual void miss(const std::string& key, const std::string& example) const = 0;
};

/// The keys that stand within `auth`.
const std::vector<std::string>& auth_keys();

/// home is put in place of "~" in paths. Throws util::Error (code usage).
Cloud make_cloud(const std::string& name, const CloudSettings& settings, const std::string& home);

} // namespace kiln::store
