#include "store/glance/cloud_settings.hpp"

#include "net/url.hpp"
#include "store/glance/paths.hpp"
#include "util/edit_distance.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <cctype>
#include <map>

namespace kiln::store {
namespace {

/// Keystone's own name for the domain that every installation begins with.
constexpr const char* k_default_domain = "default";

std::string lower_case(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char letter) {
        return static_cast<char>(std::tolower(letter));
    });
    return text;
}

bool ends_with(const std::string& text, const std::string& end) {
    return text.size() >= end.size() &&
           text.compare(text.size() - end.size(), end.size(), end) == 0;
}

struct Domain {
    std::string id{};
    std::string name{};

    [[nodiscard]] bool empty() const { return id.empty() && name.empty(); }
};

/// Reads the settings of one cloud, one topic a function.
class CloudReader {
public:
    CloudReader(const CloudSettings& settings, Cloud& cloud, std::string home)
        : settings_(settings), cloud_(cloud), home_(std::move(home)) {}

    void read() {
        require_versions();
        cloud_.auth_url = auth_url();
        cloud_.auth = auth_kind();
        read_identity();
        switch (cloud_.auth) {
        case AuthKind::password:
            require_user("username");
            cloud_.password = required("password", "...");
            break;
        case AuthKind::application_credential:
            read_credential();
            break;
        case AuthKind::token:
            cloud_.token = required("token", "...");
            break;
        }
        read_place();
        read_tls();
    }

private:
    [[nodiscard]] std::string get(const std::string& key) const {
        return settings_.value(key).value_or("");
    }

    /// The key, or its old name.
    [[nodiscard]] std::string get(const std::string& key, const std::string& old) const {
        const std::string text = get(key);
        return text.empty() ? get(old) : text;
    }

    [[nodiscard]] std::string required(const std::string& key, const std::string& example) const {
        const std::string text = get(key);
        if (text.empty()) {
            settings_.miss(key, example);
        }
        return text;
    }

    void require_version(const std::string& key, const std::string& version) const {
        const std::string text = get(key);
        if (!text.empty() && text != version && text.rfind(version + ".", 0) != 0) {
            settings_.refuse(key,
                             "'" + key + "' is '" + text + "', and only " + version + " is spoken",
                             "leave it out, or use a cloud that has version " + version);
        }
    }

    void require_versions() const {
        require_version("image_api_version", "2");
        require_version("identity_api_version", "3");
    }

    void require_web_address(const std::string& key, const std::string& url) const {
        const std::string scheme = net::scheme_of(url);
        const bool plain = std::all_of(
            url.begin(), url.end(), [](unsigned char c) { return c > ' ' && c != 0x7f; });
        if ((scheme != "http" && scheme != "https") || !plain || url.size() <= scheme.size() + 3 ||
            url.find_first_of("?#") != std::string::npos) {
            settings_.refuse(key,
                             "'" + key + "' is no address: '" + net::display_url(url) + "'",
                             "it begins with https:// or http:// and has no blanks and no '?'");
        }
    }

    [[nodiscard]] std::string auth_url() const {
        const std::string url =
            without_slashes(required("auth_url", "https://keystone.example.org:5000/v3"));
        require_web_address("auth_url", url);
        if (ends_with(url, "/v2.0") || ends_with(url, "/v2")) {
            settings_.refuse("auth_url",
                             "'auth_url' leads to version 2 of Keystone: '" +
                                 net::display_url(url) + "'",
                             "only version 3 is spoken: let it end in /v3");
        }
        return ends_with(url, "/v3") ? url : url + "/v3";
    }

    [[nodiscard]] AuthKind auth_kind() const {
        static const std::map<std::string, AuthKind> k_kinds = {
            {"password", AuthKind::password},
            {"v3password", AuthKind::password},
            {"token", AuthKind::token},
            {"v3token", AuthKind::token},
            {"v3applicationcredential", AuthKind::application_credential}};
        const std::string type = get("auth_type");
        if (type.empty()) {
            return guessed_kind();
        }
        const auto found = k_kinds.find(type);
        if (found == k_kinds.end()) {
            std::vector<std::string> names;
            for (const auto& [name, kind] : k_kinds) {
                names.push_back(name);
            }
            settings_.refuse("auth_type",
                             "'auth_type' is '" + type + "', which is not supported",
                             "supported are: " + util::join(names, ", "));
        }
        return found->second;
    }

    [[nodiscard]] AuthKind guessed_kind() const {
        for (const char* key : {"application_credential_id",
                                "application_credential_name",
                                "application_credential_secret"}) {
            if (!get(key).empty()) {
                return AuthKind::application_credential;
            }
        }
        return get("token").empty() ? AuthKind::password : AuthKind::token;
    }

    [[nodiscard]] Domain domain(const std::string& prefix) const {
        return {.id = get(prefix + "_id"), .name = get(prefix + "_name")};
    }

    /// Of a user or a project. A domain without either means all of them when there is a project
    /// (as openstacksdk has it), and the scope when there is none.
    [[nodiscard]] Domain domain_of(const std::string& what, const Domain& otherwise) const {
        const Domain own = domain(what + "_domain");
        if (!own.empty()) {
            return own;
        }
        if (const Domain shared = domain("domain"); is_project_scoped() && !shared.empty()) {
            return shared;
        }
        const Domain standard = {.id = get("default_domain_id", "default_domain"),
                                 .name = get("default_domain_name")};
        return standard.empty() ? otherwise : standard;
    }

    [[nodiscard]] bool is_project_scoped() const {
        return !get("project_id", "tenant_id").empty() ||
               !get("project_name", "tenant_name").empty();
    }

    void read_identity() {
        const Domain of_user = domain_of("user", {.id = k_default_domain});
        cloud_.user = {.id = get("user_id"),
                       .name = get("username", "user_name"),
                       .domain_id = of_user.id,
                       .domain_name = of_user.name};
        if (is_project_scoped()) {
            const Domain of_project = domain_of("project", of_user);
            cloud_.project = {.id = get("project_id", "tenant_id"),
                              .name = get("project_name", "tenant_name"),
                              .domain_id = of_project.id,
                              .domain_name = of_project.name};
        } else {
            const Domain scope = domain("domain");
            cloud_.domain = {.id = scope.id, .name = scope.name};
        }
        read_system_scope();
    }

    void read_system_scope() {
        const std::string scope = get("system_scope");
        if (scope.empty()) {
            return;
        }
        if (scope != "all") {
            settings_.refuse("system_scope",
                             "'system_scope' is '" + scope + "', and only 'all' is known",
                             "write system_scope: all, or name a project");
        }
        if (!cloud_.project.empty() || !cloud_.domain.empty()) {
            settings_.refuse("system_scope",
                             "'system_scope' and a project or domain exclude one another",
                             "leave one of them out");
        }
        cloud_.system_scope = true;
    }

    void require_user(const std::string& key) const {
        if (cloud_.user.empty()) {
            settings_.miss(key, "publisher");
        }
    }

    void read_credential() {
        cloud_.credential = {.id = get("application_credential_id"),
                             .name = get("application_credential_name")};
        if (cloud_.credential.empty()) {
            settings_.miss("application_credential_id", "21dced0fd20347869b93710d2b98aae0");
        }
        if (cloud_.credential.id.empty()) {
            require_user("username");
        }
        cloud_.credential_secret = required("application_credential_secret", "...");
    }

    void read_place() {
        cloud_.region = get("region_name");
        cloud_.regions = settings_.regions();
        const std::vector<std::string>& known = cloud_.regions;
        if (cloud_.region.empty() && known.size() == 1) {
            cloud_.region = known.front();
        }
        if (!cloud_.region.empty() && !known.empty() &&
            std::find(known.begin(), known.end(), cloud_.region) == known.end()) {
            settings_.refuse(
                "region_name",
                "'region_name' is '" + cloud_.region + "', which 'regions' lacks",
                util::did_you_mean(cloud_.region, known, "it has: " + util::join(known, ", ")));
        }
        cloud_.interface = interface();
        cloud_.image_endpoint = without_slashes(get("image_endpoint_override"));
        if (!cloud_.image_endpoint.empty()) {
            require_web_address("image_endpoint_override", cloud_.image_endpoint);
        }
    }

    [[nodiscard]] std::string interface() const {
        const std::string key = get("interface").empty() ? "endpoint_type" : "interface";
        const std::string text = get(key);
        if (text.empty()) {
            return "public";
        }
        const std::string name = ends_with(text, "URL") ? text.substr(0, text.size() - 3) : text;
        const std::vector<std::string> known = {"public", "internal", "admin"};
        if (std::find(known.begin(), known.end(), name) == known.end()) {
            settings_.refuse(key,
                             "'" + key + "' is '" + text + "', which is no interface",
                             util::did_you_mean(name, known, "there are: public, internal, admin"));
        }
        return name;
    }

    [[nodiscard]] bool truth(const std::string& key, bool otherwise) const {
        const std::string text = get(key);
        const std::string word = lower_case(text);
        for (const char* yes : {"true", "yes", "on", "1"}) {
            if (word == yes) {
                return true;
            }
        }
        for (const char* no : {"false", "no", "off", "0"}) {
            if (word == no) {
                return false;
            }
        }
        if (!text.empty()) {
            settings_.refuse(key, "'" + key + "' is '" + text + "'", "it is either true or false");
        }
        return otherwise;
    }

    [[nodiscard]] std::string path(const std::string& key) const {
        std::string text = get(key);
        const bool is_home = text == "~" || text.rfind("~/", 0) == 0;
        return is_home && !home_.empty() ? home_ + text.substr(1) : text;
    }

    void read_tls() {
        cloud_.tls = {.ca_file = path("cacert"),
                      .certificate = path("cert"),
                      .key = path("key"),
                      .verify = truth("verify", true) && !truth("insecure", false)};
    }

    const CloudSettings& settings_;
    Cloud& cloud_;
    std::string home_;
};

} // namespace

const std::vector<std::string>& auth_keys() {
    static const std::vector<std::string> k_keys = {"auth_url",
                                                    "username",
                                                    "user_name",
                                                    "user_id",
                                                    "user_domain_name",
                                                    "user_domain_id",
                                                    "password",
                                                    "project_name",
                                                    "project_id",
                                                    "project_domain_name",
                                                    "project_domain_id",
                                                    "tenant_name",
                                                    "tenant_id",
                                                    "domain_id",
                                                    "domain_name",
                                                    "default_domain",
                                                    "default_domain_id",
                                                    "default_domain_name",
                                                    "system_scope",
                                                    "token",
                                                    "application_credential_id",
                                                    "application_credential_name",
                                                    "application_credential_secret"};
    return k_keys;
}

Cloud make_cloud(const std::string& name, const CloudSettings& settings, const std::string& home) {
    Cloud cloud = {.name = name};
    CloudReader(settings, cloud, home).read();
    return cloud;
}

} // namespace kiln::store
