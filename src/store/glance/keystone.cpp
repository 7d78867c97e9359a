#include "store/glance/keystone.hpp"

#include "net/url.hpp"
#include "store/glance/tries.hpp"

#include <nlohmann/json.hpp>

namespace kiln::store {
namespace {

using nlohmann::json;

json domain_json(const Identity& of) {
    return of.domain_id.empty() ? json{{"name", of.domain_name}} : json{{"id", of.domain_id}};
}

/// An id is one of a kind; a name is so within its domain.
json identity_json(const Identity& identity) {
    if (!identity.id.empty()) {
        return {{"id", identity.id}};
    }
    return {{"name", identity.name}, {"domain", domain_json(identity)}};
}

json password_json(const Cloud& cloud) {
    json user = identity_json(cloud.user);
    user["password"] = cloud.password;
    return {{"methods", {"password"}}, {"password", {{"user", user}}}};
}

json credential_json(const Cloud& cloud) {
    json credential;
    if (cloud.credential.id.empty()) {
        credential["name"] = cloud.credential.name;
        credential["user"] = identity_json(cloud.user);
    } else {
        credential["id"] = cloud.credential.id;
    }
    credential["secret"] = cloud.credential_secret;
    return {{"methods", {"application_credential"}}, {"application_credential", credential}};
}

json identity_part(const Cloud& cloud) {
    switch (cloud.auth) {
    case AuthKind::password:
        return password_json(cloud);
    case AuthKind::application_credential:
        return credential_json(cloud);
    case AuthKind::token:
        break;
    }
    return {{"methods", {"token"}}, {"token", {{"id", cloud.token}}}};
}

/// Null: none. An application credential has its own, and Keystone refuses any other.
json scope_part(const Cloud& cloud) {
    if (cloud.auth == AuthKind::application_credential) {
        return {};
    }
    if (cloud.system_scope) {
        return {{"system", {{"all", true}}}};
    }
    if (!cloud.project.empty()) {
        return {{"project", identity_json(cloud.project)}};
    }
    if (!cloud.domain.id.empty()) {
        return {{"domain", {{"id", cloud.domain.id}}}};
    }
    return cloud.domain.name.empty() ? json() : json{{"domain", {{"name", cloud.domain.name}}}};
}

std::string text_of(const json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

json part_of(const json& object, const char* key) {
    const auto found = object.find(key);
    return found == object.end() ? json() : *found;
}

std::vector<Token::Endpoint> parse_catalog(const json& catalog) {
    std::vector<Token::Endpoint> endpoints;
    for (const json& service : catalog) {
        for (const json& endpoint : part_of(service, "endpoints")) {
            std::string region = text_of(endpoint, "region_id");
            endpoints.push_back({.service = text_of(service, "type"),
                                 .region = region.empty() ? text_of(endpoint, "region") : region,
                                 .interface = text_of(endpoint, "interface"),
                                 .url = text_of(endpoint, "url")});
        }
    }
    return endpoints;
}

/// How long it lives, by the server's clock: that of this machine may differ.
std::chrono::seconds
life_of(const json& body, const net::HttpAnswer& answer, SystemTime expires, SystemTime asked) {
    std::optional<SystemTime> there = parse_http_date(answer.header("date"));
    if (!there) {
        there = parse_iso_time(text_of(body, "issued_at"));
    }
    return std::chrono::duration_cast<std::chrono::seconds>(expires - there.value_or(asked));
}

std::optional<Token> read_token(const net::HttpAnswer& answer, SystemTime asked) {
    const json whole = json::parse(answer.body, nullptr, false);
    const auto body = whole.find("token");
    Token token = {.value = answer.header("x-subject-token")};
    if (body == whole.end() || token.value.empty()) {
        return std::nullopt;
    }
    const std::optional<SystemTime> expires = parse_iso_time(text_of(*body, "expires_at"));
    if (!expires) {
        return std::nullopt;
    }
    token.expires = asked + life_of(*body, answer, *expires, asked);
    token.project_id = text_of(part_of(*body, "project"), "id");
    token.user_name = text_of(part_of(*body, "user"), "name");
    for (const json& role : part_of(*body, "roles")) {
        token.roles.insert(text_of(role, "name"));
    }
    token.catalog = parse_catalog(part_of(*body, "catalog"));
    return token;
}

std::string who(const Cloud& cloud) {
    const auto name_of = [](const Identity& one) { return one.name.empty() ? one.id : one.name; };
    switch (cloud.auth) {
    case AuthKind::password:
        return "user '" + name_of(cloud.user) + "'";
    case AuthKind::application_credential:
        return "application credential '" + name_of(cloud.credential) + "'";
    case AuthKind::token:
        break;
    }
    return "the token of cloud '" + cloud.name + "'";
}

std::string what_to_check(const Cloud& cloud) {
    const std::string of_cloud = " of cloud '" + cloud.name + "'";
    switch (cloud.auth) {
    case AuthKind::password:
        return "look at user, password, domains and project" + of_cloud +
               ": are they right, and has the user a role in the project?";
    case AuthKind::application_credential:
        return "look at id (or name and user) and secret" + of_cloud +
               ": are they right, and is the credential still valid?";
    case AuthKind::token:
        break;
    }
    return "it may have ended; get another with: openstack token issue";
}

/// The server's own words, or the status.
std::string message_of(const Cloud& cloud, const net::HttpAnswer& answer) {
    const json whole = json::parse(answer.body, nullptr, false);
    const std::string message = text_of(part_of(whole, "error"), "message");
    // Messages on broken requests repeat what was sent.
    return message.empty() ? "the server answered " + std::to_string(answer.status)
                           : shown(message, cloud.secrets());
}

StoreError failure(Problem problem, const std::string& what, const std::string& hint) {
    return {problem, {.what = what, .hint = hint, .code = util::ExitCode::remote}};
}

std::string place_of(const Cloud& cloud) {
    return "'" + net::display_url(cloud.auth_url) + "'";
}

} // namespace

std::string login_call(const Cloud& cloud) {
    return "log in at " + place_of(cloud);
}

std::string token_request(const Cloud& cloud) {
    json auth = {{"identity", identity_part(cloud)}};
    if (const json scope = scope_part(cloud); !scope.is_null()) {
        auth["scope"] = scope;
    }
    try {
        return json{{"auth", auth}}.dump();
    } catch (const json::type_error&) {
        throw util::Error({.what = "a setting of cloud '" + cloud.name + "' is not UTF-8",
                           .hint = "look for letters beyond ASCII in user, password and project",
                           .code = util::ExitCode::usage});
    }
}

Token parse_token(const Cloud& cloud, const net::HttpAnswer& answer, SystemTime asked) {
    const std::optional<Token> token = read_token(answer, asked);
    if (!token) {
        throw failure(Problem::unavailable,
                      place_of(cloud) + " does not answer as Keystone v3 does",
                      "is auth_url of cloud '" + cloud.name + "' right?");
    }
    return *token;
}

StoreError login_failure(const Cloud& cloud, const net::HttpAnswer& answer) {
    const std::string what =
        who(cloud) + " cannot log in at " + place_of(cloud) + ": " + message_of(cloud, answer);
    const std::string right_url = "is auth_url of cloud '" + cloud.name + "' right?";
    switch (answer.status) {
    case 400:
        return failure(Problem::invalid, what, what_to_check(cloud));
    case 401:
        return failure(Problem::unauthorized, what, what_to_check(cloud));
    case 403:
        return failure(Problem::forbidden, what, "ask who runs the cloud whether it is locked");
    case 404:
        return failure(Problem::unavailable, what, right_url + " there is no Keystone v3 there");
    default:
        break;
    }
    const std::string target = net::display_url(answer.header("location"));
    if (answer.status >= 300 && answer.status < 400 && !target.empty()) {
        return failure(Problem::unavailable,
                       what,
                       right_url + " it leads on to '" + shown(target, cloud.secrets()) +
                           "', and redirects are not followed");
    }
    return failure(
        Problem::unavailable, what, answer.status >= 500 ? "try again later" : right_url);
}

} // namespace kiln::store
