#include "store/glance/cloud_files.hpp"

#include "net/url.hpp"
#include "util/edit_distance.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <filesystem>

namespace kiln::store {
namespace {

using config::YamlNode;

std::string variable(const CloudPlaces& places, const std::string& name) {
    const auto found = places.environment.find(name);
    return found == places.environment.end() ? "" : found->second;
}

std::vector<std::string> search_folders(const CloudPlaces& places) {
    std::vector<std::string> folders = {places.working_directory};
    const std::string config = variable(places, "XDG_CONFIG_HOME");
    const std::string home = variable(places, "HOME");
    if (!config.empty() && config.front() == '/') {
        folders.push_back(config + "/openstack");
    } else if (!home.empty()) {
        folders.push_back(home + "/.config/openstack");
    }
    folders.push_back(places.system_folder);
    return folders;
}

bool is_there(const std::string& path) {
    std::error_code error;
    return std::filesystem::exists(path, error);
}

/// Empty when there is none.
std::string first_file(const std::vector<std::string>& folders, const std::string& stem) {
    for (const std::string& folder : folders) {
        for (const char* ending : {".yaml", ".yml", ".json"}) {
            const std::string path = util::child_path(folder, stem) + ending;
            if (is_there(path)) {
                return path;
            }
        }
    }
    return "";
}

/// The file that a variable names, or else the first in the usual places.
std::string find_file(const CloudPlaces& places,
                      const std::vector<std::string>& folders,
                      const std::string& stem,
                      const std::string& override_name) {
    const std::string named = variable(places, override_name);
    if (named.empty()) {
        return first_file(folders, stem);
    }
    if (!is_there(named)) {
        throw util::Error(
            {.what = "variable " + override_name + " names '" + named + "', which is not there",
             .hint = "correct it, or unset it to have the usual places searched",
             .code = util::ExitCode::usage});
    }
    return named;
}

/// The value of a key at the top of a file, if it says something.
std::optional<YamlNode> load_section(const std::string& path, const std::string& key) {
    if (path.empty()) {
        return std::nullopt;
    }
    const YamlNode root = config::load_yaml(path);
    if (root.is_null()) {
        return std::nullopt;
    }
    std::optional<YamlNode> section = root.find(key);
    return section && !section->is_null() ? section : std::nullopt;
}

std::vector<std::string> keys_of(const std::optional<YamlNode>& mapping) {
    std::vector<std::string> keys;
    if (mapping) {
        for (const auto& [key, value] : mapping->entries()) {
            keys.push_back(key.text());
        }
    }
    return keys;
}

/// The value of a key, if it says something.
std::optional<YamlNode> find_value(const YamlNode& mapping, const std::string& key) {
    std::optional<YamlNode> found = mapping.is_null() ? std::nullopt : mapping.find(key);
    return found && !found->is_null() ? found : std::nullopt;
}

std::optional<YamlNode> first_value(const std::vector<YamlNode>& mappings, const std::string& key) {
    for (const YamlNode& mapping : mappings) {
        if (std::optional<YamlNode> found = find_value(mapping, key)) {
            return found;
        }
    }
    return std::nullopt;
}

/// Other keys belong to ways to log in that are not known here; only what looks like a slip counts.
void require_no_slip(const YamlNode& auth) {
    const std::vector<std::string>& known = auth_keys();
    for (const auto& [key, value] : auth.entries()) {
        const std::string name = key.text();
        const bool is_known = std::find(known.begin(), known.end(), name) != known.end();
        if (!is_known && util::nearest(name, known)) {
            key.fail("unknown key '" + name + "' in 'auth'", util::did_you_mean(name, known));
        }
    }
}

std::string region_name(const YamlNode& item) {
    if (!item.is_map()) {
        return item.text();
    }
    if (const auto values = find_value(item, "values"); values && !values->entries().empty()) {
        values->fail("settings of one region ('values') are not supported",
                     "give the region an entry of its own under 'clouds'");
    }
    const std::optional<YamlNode> name = find_value(item, "name");
    if (!name) {
        item.fail("a region without a 'name'", "write the name alone, or name: NAME");
    }
    return name->text();
}

} // namespace

CloudFiles::CloudFiles(const CloudPlaces& places) : folders_(search_folders(places)) {
    clouds_path_ = find_file(places, folders_, "clouds", "OS_CLIENT_CONFIG_FILE");
    const std::string secure = find_file(places, folders_, "secure", "OS_CLIENT_SECURE_FILE");
    clouds_ = load_section(clouds_path_, "clouds");
    secure_ = load_section(secure, "clouds");
    public_ = load_section(first_file(folders_, "clouds-public"), "public-clouds");
}

std::vector<std::string> CloudFiles::cloud_names() const {
    std::vector<std::string> names = keys_of(clouds_);
    for (const std::string& name : keys_of(secure_)) {
        if (std::find(names.begin(), names.end(), name) == names.end()) {
            names.push_back(name);
        }
    }
    return names;
}

std::string CloudFiles::described() const {
    return clouds_path_.empty() ? "no clouds.yaml in '" + util::join(folders_, "', '") + "'"
                                : "'" + clouds_path_ + "'";
}

void CloudFiles::refuse_cloud(const std::string& name) const {
    if (clouds_path_.empty()) {
        throw util::Error({.what = "there is no cloud '" + name + "': " + described(),
                           .hint = "put a clouds.yaml there, or name one in OS_CLIENT_CONFIG_FILE",
                           .code = util::ExitCode::usage});
    }
    const std::vector<std::string> names = cloud_names();
    const std::string what = "there is no cloud '" + name + "'";
    const std::string hint = util::did_you_mean(
        name,
        names,
        names.empty() ? "it goes beneath 'clouds:'" : "known are: " + util::join(names, ", "));
    if (clouds_) {
        clouds_->fail(what, hint);
    }
    throw util::Error(
        {.what = clouds_path_ + ": " + what, .hint = hint, .code = util::ExitCode::usage});
}

CloudEntries CloudFiles::entries(const std::string& name) const {
    std::vector<YamlNode> found;
    for (const std::optional<YamlNode>& file : {secure_, clouds_}) {
        if (file) {
            if (const std::optional<YamlNode> entry = file->find(name)) {
                found.push_back(*entry);
            }
        }
    }
    if (found.empty()) {
        refuse_cloud(name);
    }
    std::optional<YamlNode> profile_name = first_value(found, "profile");
    if (!profile_name) {
        profile_name = first_value(found, "cloud");
    }
    const YamlNode own = found.back();
    if (profile_name) {
        found.push_back(profile(*profile_name));
    }
    return {.layers = std::move(found), .own = own};
}

YamlNode CloudFiles::profile(const YamlNode& name) const {
    const std::string text = name.text();
    if (net::is_url(text)) {
        name.fail("the profile '" + net::display_url(text) + "' is an address, and none is fetched",
                  "put what it says into clouds-public.yaml, under a name");
    }
    const std::optional<YamlNode> found = public_ ? public_->find(text) : std::nullopt;
    if (!found) {
        const std::vector<std::string> names = keys_of(public_);
        name.fail("there is no profile '" + text + "' in clouds-public.yaml",
                  util::did_you_mean(text,
                                     names,
                                     "profiles of vendors are not built in: write auth_url and the "
                                     "rest into the cloud's entry, or a clouds-public.yaml"));
    }
    return *found;
}

FileSettings::FileSettings(std::string name, CloudEntries entries)
    : name_(std::move(name)), entries_(std::move(entries)) {
    for (const YamlNode& entry : entries_.layers) {
        if (const std::optional<YamlNode> auth = find_value(entry, "auth")) {
            require_no_slip(*auth);
            auths_.push_back(*auth);
        }
    }
}

/// Keys of `auth` are also taken from outside of it, as openstacksdk does.
std::optional<YamlNode> FileSettings::node(const std::string& key) const {
    const std::vector<std::string>& known = auth_keys();
    if (std::find(known.begin(), known.end(), key) != known.end()) {
        if (std::optional<YamlNode> found = first_value(auths_, key)) {
            return found;
        }
    }
    return first_value(entries_.layers, key);
}

std::optional<std::string> FileSettings::value(const std::string& key) const {
    const std::optional<YamlNode> found = node(key);
    if (!found) {
        return std::nullopt;
    }
    if (!found->is_scalar()) {
        found->fail("'" + key + "' has to be a plain value");
    }
    const std::string text = found->text();
    return text.empty() ? std::nullopt : std::optional<std::string>(text);
}

std::vector<std::string> FileSettings::regions() const {
    std::vector<std::string> names;
    if (const std::optional<YamlNode> list = first_value(entries_.layers, "regions")) {
        for (const YamlNode& item : list->items()) {
            names.push_back(region_name(item));
        }
    }
    return names;
}

void FileSettings::refuse(const std::string& key,
                          const std::string& what,
                          const std::string& hint) const {
    node(key).value_or(entries_.own).fail("cloud '" + name_ + "': " + what, hint);
}

void FileSettings::miss(const std::string& key, const std::string& example) const {
    entries_.own.fail("cloud '" + name_ + "' has no '" + key + "'",
                      "add to its 'auth': " + key + ": " + example);
}

} // namespace kiln::store
