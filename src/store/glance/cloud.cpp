#include "store/glance/cloud.hpp"

#include "net/url.hpp"
#include "store/glance/cloud_files.hpp"
#include "store/glance/cloud_settings.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <cctype>

namespace kiln::store {
namespace {

using Environment = std::map<std::string, std::string>;

/// As openstacksdk calls the cloud that variables tell of.
constexpr const char* k_of_variables = "envvars";

std::string variable(const Environment& environment, const std::string& name) {
    const auto found = environment.find(name);
    return found == environment.end() ? "" : found->second;
}

/// The variable that stands for a key of clouds.yaml.
std::string variable_name(const std::string& key) {
    std::string name = "OS_" + key;
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char letter) {
        return static_cast<char>(std::toupper(letter));
    });
    return name;
}

class VariableSettings : public CloudSettings {
public:
    explicit VariableSettings(const Environment& environment) : environment_(environment) {}

    [[nodiscard]] std::optional<std::string> value(const std::string& key) const override {
        const std::string text = variable(environment_, variable_name(key));
        return text.empty() ? std::nullopt : std::optional<std::string>(text);
    }

    [[nodiscard]] std::vector<std::string> regions() const override { return {}; }

    [[noreturn]] void refuse(const std::string& key,
                             const std::string& what,
                             const std::string& hint) const override {
        throw util::Error({.what = "variable " + variable_name(key) + ": " + what,
                           .hint = hint,
                           .code = util::ExitCode::usage});
    }

    [[noreturn]] void miss(const std::string& key, const std::string& example) const override {
        const std::string name = variable_name(key);
        throw util::Error({.what = "variable " + name + " is not set",
                           .hint = "export " + name + "=" + example +
                                   ", or name a cloud of clouds.yaml with --cloud NAME",
                           .code = util::ExitCode::usage});
    }

private:
    const Environment& environment_;
};

/// What is loaded: the name given, else what variables name.
std::string chosen_name(const std::optional<std::string>& name, const CloudPlaces& places) {
    if (name) {
        return *name;
    }
    const std::string named = variable(places.environment, "OS_CLOUD");
    if (!named.empty()) {
        return named;
    }
    if (names_a_cloud(places.environment)) {
        return k_of_variables;
    }
    const CloudFiles files(places);
    const std::vector<std::string> names = files.cloud_names();
    throw util::Error({.what = "no cloud is named",
                       .hint = "give --cloud NAME; " + files.described() +
                               (names.empty() ? "" : " has: " + util::join(names, ", ")),
                       .code = util::ExitCode::usage});
}

Cloud load(const std::optional<std::string>& name, const CloudPlaces& places) {
    const std::string chosen = chosen_name(name, places);
    const std::string home = variable(places.environment, "HOME");
    if (chosen == k_of_variables) {
        return make_cloud(chosen, VariableSettings(places.environment), home);
    }
    const CloudFiles files(places);
    return make_cloud(chosen, FileSettings(chosen, files.entries(chosen)), home);
}

/// A password that begins with '*' and has no quotes is an alias, which yaml-cpp 0.8 names.
void hide_alias(util::ErrorInfo& info) {
    constexpr std::string_view k_unknown = "anchor is not defined";
    const std::size_t at = info.what.find(k_unknown);
    if (at != std::string::npos) {
        info.what.resize(at + k_unknown.size());
        info.hint = "put a value that begins with '*' in quotes";
    }
}

/// Lines of these files, and parts of them, may be secrets: the position has to do.
util::ErrorInfo without_lines(util::ErrorInfo info) {
    info.excerpt.clear();
    hide_alias(info);
    info.code = util::ExitCode::usage;
    return info;
}

} // namespace

std::vector<std::string> Cloud::secrets() const {
    std::vector<std::string> all = {password,
                                    credential_secret,
                                    token,
                                    net::take_login(auth_url).login,
                                    net::take_login(image_endpoint).login};
    all.erase(std::remove(all.begin(), all.end(), std::string()), all.end());
    return all;
}

Cloud load_cloud(const std::optional<std::string>& name, const CloudPlaces& places) {
    try {
        return load(name, places);
    } catch (const util::Error& error) {
        throw util::Error(without_lines(error.info()));
    }
}

bool names_a_cloud(const Environment& environment) {
    return !variable(environment, "OS_CLOUD").empty() ||
           !variable(environment, "OS_AUTH_URL").empty();
}

} // namespace kiln::store
