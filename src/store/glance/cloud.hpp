#pragma once

#include "net/http_client.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace kiln::store {

enum class AuthKind { password, application_credential, token };

/// A user, project or domain by id, or by name within a domain. Empty fields are not set.
struct Identity {
    std::string id{};
    std::string name{};
    std::string domain_id{};
    std::string domain_name{};

    [[nodiscard]] bool empty() const { return id.empty() && name.empty(); }
};

/// One cloud as clouds.yaml, secure.yaml, clouds-public.yaml and OS_* variables tell of it. Holds
/// secrets: never printed.
struct Cloud {
    /// As in clouds.yaml; "envvars" where only variables tell of it.
    std::string name;
    /// With "/v3".
    std::string auth_url{};
    AuthKind auth = AuthKind::password;
    Identity user{};
    std::string password{};
    /// Of an application credential: id, or name (of the user above).
    Identity credential{};
    std::string credential_secret{};
    std::string token{};
    /// The scope: a project, a domain, or the whole system; none of them is an unscoped token.
    Identity project{};
    Identity domain{};
    bool system_scope = false;
    /// Empty: the only one of the catalog.
    std::string region{};
    /// All that the cloud's entry lists.
    std::vector<std::string> regions{};
    /// "public", "internal" or "admin".
    std::string interface = "public";
    /// Where the image service is, in place of what the catalog says.
    std::string image_endpoint{};
    net::TlsOptions tls{};

    /// Every text in it that must not be shown.
    [[nodiscard]] std::vector<std::string> secrets() const;
};

/// Where settings of clouds come from.
struct CloudPlaces {
    /// All variables of the process; OS_* count, and XDG_CONFIG_HOME, HOME.
    std::map<std::string, std::string> environment{};
    std::string working_directory = ".";
    std::string system_folder = "/etc/openstack";
};

/// The cloud of that name; nothing: what OS_CLOUD or OS_AUTH_URL say. Files as openstacksdk looks
/// for them: OS_CLIENT_CONFIG_FILE, else ./clouds.yaml, ~/.config/openstack/, /etc/openstack/ (the
/// first that is there), with clouds-public.yaml ("profile") beneath and secure.yaml above. Throws
/// util::Error (code usage), with file:line:column and the nearest known name.
Cloud load_cloud(const std::optional<std::string>& name, const CloudPlaces& places);

/// Whether variables name a cloud (OS_CLOUD, or OS_AUTH_URL).
bool names_a_cloud(const std::map<std::string, std::string>& environment);

} // namespace kiln::store
