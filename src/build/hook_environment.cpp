#include "build/hook_environment.hpp"

#include "element/environment.hpp"
#include "element/manifests.hpp"
#include "report/error_file.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <string_view>

namespace kiln::build {
namespace {

constexpr const char* k_standard_path =
    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

constexpr std::array<std::string_view, 3> k_allowed_prefixes = {"DIB_", "KILN_", "GRUB_"};

constexpr std::array<std::string_view, 22> k_allowed_names = {"ARCH",
                                                              "BASE_IMAGE_FILE",
                                                              "SHA256SUMS",
                                                              "DISTRO_NAME",
                                                              "FS_TYPE",
                                                              "EFI_BOOT_DIR",
                                                              "ELEMENTS_PATH",
                                                              "RUN_PARTS_REGEX",
                                                              "ACI_MANIFEST",
                                                              "NO_SOURCE_REPOSITORIES",
                                                              "RAMDISK_ELEMENT",
                                                              "SOURCE_DATE_EPOCH",
                                                              "TERM",
                                                              "http_proxy",
                                                              "https_proxy",
                                                              "ftp_proxy",
                                                              "no_proxy",
                                                              "HTTP_PROXY",
                                                              "HTTPS_PROXY",
                                                              "NO_PROXY",
                                                              "break",
                                                              "break_cmd"};

bool is_name(std::string_view text) {
    const auto is_word = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; };
    return !text.empty() && std::isdigit(static_cast<unsigned char>(text.front())) == 0 &&
           std::all_of(text.begin(), text.end(), is_word);
}

void take_asked(process::Environment& result,
                const process::Environment& caller,
                const std::string& word) {
    const std::size_t equals = word.find('=');
    const std::string name = word.substr(0, equals);
    if (!is_name(name)) {
        throw util::Error({.what = "'" + name + "' is no name of a variable",
                           .hint = "--env NAME, or --env NAME=VALUE",
                           .code = util::ExitCode::usage});
    }
    if (equals != std::string::npos) {
        result[name] = word.substr(equals + 1);
    } else if (caller.count(name) > 0) {
        result[name] = caller.at(name);
    } else {
        throw util::Error({.what = "--env " + name + ": that variable is not set",
                           .hint = "set it, or write --env " + name + "=VALUE",
                           .code = util::ExitCode::usage});
    }
}

void add_places(process::Environment& environment, const element::PhaseInfo& phase) {
    environment["TMP_BUILD_DIR"] = Paths::k_inside;
    environment["TMP_IMAGE_DIR"] = Paths::k_image;
    environment["TMP_HOOKS_PATH"] = Paths::k_hooks;
    environment["TMP_MOUNT_PATH"] = Paths::k_mount;
    if (phase.phase == element::Phase::root || phase.phase == element::Phase::cleanup) {
        environment["TARGET_ROOT"] = Paths::k_mount;
    }
}

void add_options(process::Environment& environment, const BuildOptions& options) {
    environment["ARCH"] = options.architecture;
    environment["IMAGE_NAME"] = options.output.filename();
    environment["FS_TYPE"] = options.filesystem;
    environment["DIB_ROOT_FSTYPE"] = options.filesystem;
    environment["DIB_ROOT_LABEL"] = options.root_label;
    environment["DIB_DEFAULT_INSTALLTYPE"] = options.install_type;
    environment["DIB_DEBUG_TRACE"] = std::to_string(options.trace);
    environment["DIB_IMAGE_CACHE"] = options.cache_directory;
    environment["DIB_ARGS"] = options.arguments;
    environment["DIB_OFFLINE"] = options.offline ? "1" : "";
}

/// The elements of the build by their links: hooks see no other paths of the host.
std::vector<element::Element> linked(std::vector<element::Element> elements) {
    for (element::Element& element : elements) {
        element.path = std::filesystem::path(Paths::k_elements) / element.name;
    }
    return elements;
}

/// What elements of diskimage-builder expect beside the variables of kiln: its library, which lies
/// beside its elements, and a Python.
void add_peer_places(process::Environment& environment, const std::string& elements_path) {
    for (const std::string& folder : util::split(elements_path, ':')) {
        const std::filesystem::path library = std::filesystem::path(folder).parent_path() / "lib";
        if (std::filesystem::exists(library / "common-functions")) {
            environment.emplace("_LIB", library.string());
        }
    }
    environment.emplace("DIB_PYTHON_EXEC", "/usr/bin/python3");
    environment["DIB_ENV"] = element::environment_manifest(environment);
}

} // namespace

bool is_allowed_variable(const std::string& name) {
    const auto starts = [&](std::string_view prefix) {
        return name.compare(0, prefix.size(), prefix) == 0;
    };
    return std::any_of(k_allowed_prefixes.begin(), k_allowed_prefixes.end(), starts) ||
           std::find(k_allowed_names.begin(), k_allowed_names.end(), name) != k_allowed_names.end();
}

process::Environment user_environment(const process::Environment& caller,
                                      const std::vector<std::string>& asked) {
    process::Environment result;
    for (const auto& [name, value] : caller) {
        if (is_allowed_variable(name)) {
            result[name] = value;
        }
    }
    for (const std::string& word : asked) {
        take_asked(result, caller, word);
    }
    return result;
}

process::Environment hook_environment(const BuildContext& context,
                                      const element::PhaseInfo& phase) {
    process::Environment environment = context.options.environment;
    add_options(environment, context.options);
    add_places(environment, phase);
    for (const auto& [name, value] : element::element_environment(linked(context.elements))) {
        environment[name] = value;
    }
    environment["ELEMENTS_PATH"] = Paths::k_elements;
    environment["KILN_ELEMENTS_PATH"] = context.options.elements_path;
    environment["LC_ALL"] = "C";
    if (phase.side == element::Side::chroot) {
        environment["PATH"] = k_standard_path;
        environment["HOME"] = "/root";
    } else {
        environment["PATH"] = std::string(Paths::k_host_shims) + ":" + k_standard_path;
        environment["HOME"] = Paths::k_inside;
        environment["KILN_OUTPUT_DIR"] = Paths::k_output;
        environment["KILN"] = context.installation.binary;
        environment[report::k_error_file_variable] = Paths::k_tool_error;
        environment["KILN_USED_PACKAGES"] = Paths::k_used_packages;
        environment["container"] = "lxc";
        add_peer_places(environment, context.options.elements_path);
    }
    return environment;
}

} // namespace kiln::build
