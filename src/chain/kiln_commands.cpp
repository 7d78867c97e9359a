#include "chain/kiln_commands.hpp"

#include "report/error_file.hpp"
#include "util/error.hpp"
#include "util/fd.hpp"
#include "util/text.hpp"

#include <array>
#include <string_view>

namespace kiln::chain {
namespace {

using process::Command;
using process::Environment;

/// What of the caller's environment says how to work, not what an image becomes.
constexpr std::array<std::string_view, 19> k_passed = {"DIB_IMAGE_CACHE",
                                                       "HTTPS_PROXY",
                                                       "HTTP_PROXY",
                                                       "KILN_BASE_CACHE_SIZE",
                                                       "KILN_CACHE_SIZE",
                                                       "KILN_DOWNLOAD_STALL",
                                                       "KILN_DOWNLOAD_TRIES",
                                                       "KILN_FRESHNESS",
                                                       "LOGNAME",
                                                       "NO_PROXY",
                                                       "SUDO_USER",
                                                       "TMP_DIR",
                                                       "USER",
                                                       "XDG_CACHE_HOME",
                                                       "XDG_CONFIG_HOME",
                                                       "XDG_DATA_HOME",
                                                       "XDG_STATE_HOME",
                                                       "ftp_proxy",
                                                       "SSL_CERT_FILE"};

Environment base_environment(const Caller& caller) {
    Environment environment = process::tool_environment();
    for (const std::string_view name : k_passed) {
        const auto found = caller.environment.find(std::string(name));
        if (found != caller.environment.end()) {
            environment.insert(*found);
        }
    }
    environment[report::k_error_lines_variable] = "1";
    return environment;
}

/// Also who the user is to clouds.
Environment cloud_environment(const Caller& caller) {
    Environment environment = base_environment(caller);
    for (const auto& entry : caller.environment) {
        if (entry.first.rfind("OS_", 0) == 0) {
            environment.insert(entry);
        }
    }
    return environment;
}

void add(Command& command, const char* option, const std::optional<std::string>& value) {
    if (value) {
        command.argv.insert(command.argv.end(), {option, *value});
    }
}

void add_base(Environment& environment, const BaseDefinition& base) {
    // A query may have slashes of its own.
    const std::size_t slash = base.url.rfind('/', base.url.find_first_of("?#"));
    environment["DIB_CLOUD_IMAGES"] = base.url.substr(0, slash);
    environment["BASE_IMAGE_FILE"] = base.url.substr(slash + 1);
    if (!base.checksum.empty()) {
        environment["KILN_BASE_DIGEST"] = base.checksum;
    }
    if (!base.checksums.empty()) {
        environment["KILN_BASE_CHECKSUMS"] = base.checksums;
    }
}

std::string value_of(const SecretReference& secret, const Caller& caller) {
    if (secret.place == SecretReference::Place::file) {
        return std::string(util::trim(util::read_file(secret.name)));
    }
    const auto found = caller.environment.find(secret.name);
    if (found == caller.environment.end()) {
        throw util::Error({.what = "the variable '" + secret.name + "' of a secret is not set",
                           .hint = "set it for kiln run",
                           .code = util::ExitCode::usage});
    }
    return found->second;
}

/// What hooks are to see is named in the arguments; the values are in the environment alone.
void hand_to_hooks(Command& command, const std::string& name, const std::string& value) {
    command.environment[name] = value;
    command.argv.insert(command.argv.end(), {"--env", name});
}

void add_variables(Command& command, const ImageDefinition& image, const Caller& caller) {
    for (const auto& [name, value] : image.environment) {
        hand_to_hooks(command, name, value);
    }
    for (const auto& [name, value] : secret_environment(image, caller)) {
        command.environment[name] = value;
    }
    for (const auto& [name, secret] : image.secrets) {
        command.argv.insert(command.argv.end(), {"--env", name});
    }
    if (!image.elements_path.empty()) {
        command.environment["ELEMENTS_PATH"] = util::join(image.elements_path, ":");
    }
}

} // namespace

Environment secret_environment(const ImageDefinition& image, const Caller& caller) {
    Environment environment;
    std::string names;
    for (const auto& [name, secret] : image.secrets) {
        environment[name] = value_of(secret, caller);
        names += (names.empty() ? "" : ",") + name;
    }
    if (!names.empty()) {
        environment["KILN_SECRET_VARIABLES"] = names;
    }
    return environment;
}

namespace {

void add_build_options(Command& command, const ImageDefinition& image, const Caller& caller) {
    command.argv.insert(command.argv.end(), {"-t", util::join(formats_of(image), ",")});
    add(command, "--arch", image.architecture);
    add(command, "--compression", image.compression);
    add(command, "--image-size", image.image_size);
    add(command, "--hook-timeout", image.hook_timeout);
    add(command, "--freshness", caller.freshness ? caller.freshness : image.freshness);
    if (!image.with_base_element.value_or(true)) {
        command.argv.emplace_back("--no-base");
    }
    if (!caller.use_cache) {
        command.argv.emplace_back("--no-cache");
    }
    if (!image.network.value_or(true)) {
        command.argv.emplace_back("--no-network");
    }
    if (!image.packages.empty()) {
        command.argv.insert(command.argv.end(), {"-p", util::join(image.packages, ",")});
    }
}

Command command_of_build(const std::vector<std::string>& verb,
                         const ImageDefinition& image,
                         const ImagePlaces& places,
                         const Caller& caller,
                         const std::string& base) {
    Command command = {.argv = {caller.kiln}, .environment = base_environment(caller)};
    command.argv.insert(command.argv.end(), verb.begin(), verb.end());
    command.argv.insert(command.argv.end(), {"--json", "-o", places.stem().string()});
    add_build_options(command, image, caller);
    if (image.base && image.base->kind == BaseDefinition::Kind::url) {
        add_base(command.environment, *image.base);
    } else if (!base.empty()) {
        command.environment["DIB_LOCAL_IMAGE"] = base;
    }
    add_variables(command, image, caller);
    command.argv.insert(command.argv.end(), image.elements.begin(), image.elements.end());
    return command;
}

void add_rotation(Command& command, const PublishDefinition& publish) {
    add(command, "--visibility", publish.visibility);
    add(command, "--older", publish.older);
    add(command, "--swap", publish.swap);
    add(command, "--keep", publish.keep);
    add(command, "--dated-name", publish.dated_name);
    add(command, "--promote", publish.promote);
    if (publish.delete_older.value_or(false)) {
        command.argv.emplace_back("--delete");
    }
    if (publish.adopt.value_or(false)) {
        command.argv.emplace_back("--adopt");
    }
}

void add_store(Command& command, const StoreDefinition& store) {
    if (!store.folder.empty()) {
        command.argv.insert(command.argv.end(), {"--store", store.folder});
    } else {
        command.argv.insert(command.argv.end(), {"--cloud", store.cloud});
    }
    for (const std::string& region : store.regions) {
        command.argv.insert(command.argv.end(), {"--region", region});
    }
    if (store.all_regions) {
        command.argv.emplace_back("--all-regions");
    }
    if (!store.interface.empty()) {
        command.argv.insert(command.argv.end(), {"--interface", store.interface});
    }
    if (!store.tag.empty()) {
        command.argv.insert(command.argv.end(), {"--tag", store.tag});
    }
}

} // namespace

Command build_command(const ImageDefinition& image,
                      const ImagePlaces& places,
                      const Caller& caller,
                      const std::string& base) {
    return command_of_build({"build"}, image, places, caller, base);
}

Command explain_command(const ImageDefinition& image,
                        const ImagePlaces& places,
                        const Caller& caller,
                        const std::string& base) {
    return command_of_build({"cache", "explain"}, image, places, caller, base);
}

Command boot_command(const BootTest& test, const std::string& file, const Caller& caller) {
    Command command = {.argv = {caller.kiln,
                                "test",
                                "--boot",
                                "--json",
                                "--firmware",
                                test.firmware,
                                "--timeout",
                                test.timeout,
                                "--memory",
                                std::to_string(test.memory_mib)},
                       .environment = base_environment(caller)};
    for (const std::string& unit : test.allow_failed) {
        command.argv.insert(command.argv.end(), {"--allow-failed", unit});
    }
    command.argv.push_back(file);
    return command;
}

Command publish_command(const ImageDefinition& image,
                        const StoreDefinition& store,
                        const std::string& file,
                        const Caller& caller,
                        Publish mode) {
    const PublishDefinition& publish = image.publish;
    Command command = {.argv = {caller.kiln, "publish", "--json", "--name", published_name(image)},
                       .environment = cloud_environment(caller)};
    if (mode == Publish::plan) {
        command.argv.emplace_back("--plan");
    }
    add_store(command, store);
    add_rotation(command, publish);
    add(command, "--min-disk", publish.min_disk);
    add(command, "--min-ram", publish.min_ram);
    add(command, "--image-version", publish.version);
    if (publish.is_protected) {
        command.argv.emplace_back(*publish.is_protected ? "--protected" : "--unprotected");
    }
    if (publish.exact_properties.value_or(false)) {
        command.argv.emplace_back("--exact-properties");
    }
    for (const std::string& tag : publish.tags) {
        command.argv.insert(command.argv.end(), {"--image-tag", tag});
    }
    for (const auto& [name, value] : publish.properties) {
        command.argv.push_back("--property");
        command.argv.push_back(name + "=" + value);
    }
    command.argv.push_back(file);
    return command;
}

Command
download_command(const BaseDefinition& base, const ImagePlaces& places, const Caller& caller) {
    Command command = {.argv = {caller.kiln, "images", "download", "--cloud", base.cloud},
                       .environment = cloud_environment(caller)};
    if (!base.region.empty()) {
        command.argv.insert(command.argv.end(), {"--region", base.region});
    }
    command.argv.insert(command.argv.end(), {"-d", places.bases().string(), base.image});
    return command;
}

Command fetch_command(const BaseDefinition& base, const std::string& file, const Caller& caller) {
    Command command = {.argv = {caller.kiln, "tool", "fetch-image", file},
                       .environment = base_environment(caller)};
    command.environment.emplace("DIB_IMAGE_CACHE", caller.cache);
    add_base(command.environment, base);
    return command;
}

} // namespace kiln::chain
