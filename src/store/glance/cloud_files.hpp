#pragma once

#include "config/yaml.hpp"
#include "store/glance/cloud.hpp"
#include "store/glance/cloud_settings.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace kiln::store {

/// What the files say of one cloud.
struct CloudEntries {
    /// The part that counts most first: secure.yaml, clouds.yaml, clouds-public.yaml.
    std::vector<config::YamlNode> layers;
    /// The one of them where more may be written.
    config::YamlNode own;
};

/// The files of openstacksdk. https://docs.openstack.org/openstacksdk/latest/user/config/
class CloudFiles {
public:
    /// Reads those that are there. Throws util::Error.
    explicit CloudFiles(const CloudPlaces& places);

    /// Of clouds.yaml and secure.yaml.
    [[nodiscard]] std::vector<std::string> cloud_names() const;

    /// For people: where clouds.yaml is, or the places where it is not.
    [[nodiscard]] std::string described() const;

    /// Throws util::Error when there is no such cloud or profile.
    [[nodiscard]] CloudEntries entries(const std::string& name) const;

private:
    [[nodiscard]] config::YamlNode profile(const config::YamlNode& name) const;
    [[noreturn]] void refuse_cloud(const std::string& name) const;

    std::vector<std::string> folders_{};
    /// The mappings of name to entry.
    std::optional<config::YamlNode> clouds_{};
    std::optional<config::YamlNode> secure_{};
    std::optional<config::YamlNode> public_{};
    std::string clouds_path_{};
};

/// The settings in the entries of one cloud.
class FileSettings : public CloudSettings {
public:
    /// Throws util::Error for a key of `auth` that is misspelt.
    FileSettings(std::string name, CloudEntries entries);

    [[nodiscard]] std::optional<std::string> value(const std::string& key) const override;
    [[nodiscard]] std::vector<std::string> regions() const override;
    [[noreturn]] void
    refuse(const std::string& key, const std::string& what, const std::string& hint) const override;
    [[noreturn]] void miss(const std::string& key, const std::string& example) const override;

private:
    [[nodiscard]] std::optional<config::YamlNode> node(const std::string& key) const;

    std::string name_;
    CloudEntries entries_;
    /// Their `auth` mappings.
    std::vector<config::YamlNode> auths_{};
};

} // namespace kiln::store
