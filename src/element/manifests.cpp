#include "element/manifests.hpp"

#include "element/hook_variable.hpp"
#include "util/error.hpp"
#include "util/root_dir.hpp"
#include "util/secret_names.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <set>
#include <string_view>

namespace kiln::element {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view k_prefix = "DIB_";

/// Where things lie on this machine and how they are shown: other values, same image.
constexpr std::array<std::string_view, 12> k_unrecorded = {"DIB_ARGS",
                                                           "DIB_ENV",
                                                           "DIB_DEBUG_TRACE",
                                                           "DIB_IMAGE_CACHE",
                                                           "DIB_LOCKFILES",
                                                           "DIB_MANIFEST_SAVE_DIR",
                                                           "DIB_NO_TIMESTAMP",
                                                           "DIB_NO_TMPFS",
                                                           "DIB_OFFLINE",
                                                           "DIB_PYTHON_EXEC",
                                                           "DIB_QUIET",
                                                           "DIB_SHOW_IMAGE_USAGE"};

bool is_recorded(const std::string& name) {
    return name.compare(0, k_prefix.size(), k_prefix) == 0 &&
           std::find(k_unrecorded.begin(), k_unrecorded.end(), name) == k_unrecorded.end();
}

std::string value_or(const process::Environment& environment,
                     const std::string& name,
                     const std::string& otherwise) {
    const auto found = environment.find(name);
    return found == environment.end() || found->second.empty() ? otherwise : found->second;
}

/// As bash prints it, so that it can be read back.
std::string declaration(const std::string& name, const std::string& value) {
    std::string text = "declare -x " + name + "=\"";
    for (const char letter : value) {
        if (std::string_view("\"$\\`").find(letter) != std::string_view::npos) {
            text += '\\';
        }
        text += letter;
    }
    return text + "\"\n";
}

std::string checked_path(const std::string& variable, const std::string& path) {
    const std::vector<std::string> parts = util::split(path, '/');
    if (path.front() != '/' || std::find(parts.begin(), parts.end(), "..") != parts.end()) {
        throw util::Error({.what = variable + "='" + path + "' is no absolute path in the image",
                           .hint = "for example: " + variable + "=/etc/dib-manifests",
                           .code = util::ExitCode::hook});
    }
    return path;
}

std::string manifest_directory(const process::Environment& environment) {
    constexpr const char* k_variable = "DIB_MANIFEST_IMAGE_DIR";
    return checked_path(k_variable, value_or(environment, k_variable, "/etc/dib-manifests"));
}

std::set<std::string> told_secrets(const process::Environment& environment) {
    return util::listed_names(value_or(environment, "KILN_SECRET_VARIABLES", ""));
}

/// The command line; --env NAME=VALUE can hold what the user told to be secret.
std::string shown_arguments(const process::Environment& environment) {
    std::string text = value_or(environment, "DIB_ARGS", "");
    for (const std::string& name : told_secrets(environment)) {
        const std::string value = value_or(environment, name, "");
        if (!value.empty()) {
            std::string hidden = name;
            hidden.append("=").append(util::k_hidden);
            std::string shown = name;
            shown.append("=").append(value);
            text = util::replace_all(text, shown, hidden);
        }
    }
    return util::hide_credentials(text);
}

util::RootDir tree_of(const process::Environment& environment) {
    return util::RootDir(hook_variable(environment, "TMP_MOUNT_PATH"));
}

} // namespace

std::string image_name(const process::Environment& environment) {
    return fs::path(hook_variable(environment, "IMAGE_NAME")).filename();
}

void write_manifest(const process::Environment& environment,
                    const std::string& name,
                    const std::string& content) {
    tree_of(environment).write(manifest_directory(environment) + "/" + name, content, 0600);
}

std::string environment_manifest(const process::Environment& environment) {
    const std::set<std::string> secret = told_secrets(environment);
    std::string text;
    for (const auto& [name, value] : environment) {
        if (is_recorded(name)) {
            const bool hidden = secret.count(name) > 0;
            text += declaration(
                name, hidden ? std::string(util::k_hidden) : util::shown_value(name, value));
        }
    }
    return text;
}

std::vector<std::string> write_element_manifest(const process::Environment& environment) {
    constexpr const char* k_variable = "DIB_ELEMENT_MANIFEST_PATH";
    const std::vector<std::string> names =
        util::split_words(hook_variable(environment, "IMAGE_ELEMENT"));
    const std::string path = checked_path(
        k_variable,
        value_or(
            environment, k_variable, manifest_directory(environment) + "/dib-element-manifest"));
    tree_of(environment).write(path, util::join(names, "\n") + "\n");
    return {};
}

std::vector<std::string> write_build_manifests(const process::Environment& environment) {
    write_manifest(environment, "dib_environment", environment_manifest(environment));
    write_manifest(environment, "dib_arguments", shown_arguments(environment) + "\n");
    constexpr const char* k_packages = "dib-manifest-dpkg";
    const util::RootDir tree = tree_of(environment);
    const std::string draft = manifest_directory(environment) + "/" + k_packages;
    if (const std::optional<std::string> packages = tree.read(draft)) {
        write_manifest(environment, k_packages + ("-" + image_name(environment)), *packages);
        tree.remove(draft);
    }
    return {};
}

} // namespace kiln::element
