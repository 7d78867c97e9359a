#include "cli/places.hpp"

#include "build/hook_environment.hpp"

#include <pwd.h>
#include <unistd.h>

#include <cstdlib>

namespace kiln::cli {
namespace {

std::string home() {
    if (const char* value = ::getenv("HOME"); value != nullptr && *value == '/') {
        return value;
    }
    // NOLINTNEXTLINE(concurrency-mt-unsafe): kiln has one thread here
    const passwd* entry = ::getpwuid(::getuid());
    return entry == nullptr ? "" : entry->pw_dir;
}

std::string xdg(const char* variable, const std::string& below_home) {
    const char* value = ::getenv(variable);
    const std::string base =
        value != nullptr && *value == '/' ? std::string(value) : home() + "/" + below_home;
    return base + "/kiln";
}

} // namespace

process::Environment caller_environment() {
    process::Environment result;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string text = *entry;
        const std::size_t equals = text.find('=');
        if (equals != std::string::npos) {
            result[text.substr(0, equals)] = text.substr(equals + 1);
        }
    }
    return result;
}

std::vector<std::string> asked_values(const std::vector<std::string>& asked,
                                      const process::Environment& caller) {
    std::vector<std::string> values;
    for (const std::string& word : asked) {
        const std::string name = word.substr(0, word.find('='));
        values.push_back(name + "=" + build::user_environment(caller, {word}).at(name));
    }
    return values;
}

std::string default_cache() {
    return xdg("XDG_CACHE_HOME", ".cache");
}

std::string default_data() {
    return xdg("XDG_DATA_HOME", ".local/share");
}

std::string default_state() {
    return xdg("XDG_STATE_HOME", ".local/state");
}

std::filesystem::path absolute_path(const std::string& text) {
    const std::string path = text.rfind("~/", 0) == 0 ? home() + text.substr(1) : text;
    return std::filesystem::absolute(path).lexically_normal();
}

} // namespace kiln::cli
