#include "element/apt_preferences.hpp"

#include "config/yaml.hpp"
#include "element/element_file.hpp"
#include "element/hook_variable.hpp"
#include "util/error.hpp"
#include "util/root_dir.hpp"

#include <algorithm>
#include <cctype>
#include <optional>
#include <string_view>

namespace kiln::element {
namespace {

using config::YamlNode;

/// Letters of names and versions of Debian packages.
std::string checked_text(const YamlNode& package, const std::string& key) {
    const std::optional<YamlNode> node = package.find(key);
    if (!node) {
        package.fail("a package without '" + key + "'");
    }
    std::string text = node->text();
    const bool fits = std::all_of(text.begin(), text.end(), [](unsigned char letter) {
        return std::isalnum(letter) != 0 ||
               std::string_view("+-.:~_").find(static_cast<char>(letter)) != std::string_view::npos;
    });
    if (text.empty() || !fits) {
        node->fail("'" + text + "' is no " + key);
    }
    return text;
}

} // namespace

std::string apt_preferences(const std::string& manifest, const std::string& name) {
    const YamlNode document = config::parse_yaml(manifest, name);
    const std::optional<YamlNode> packages =
        document.is_map() ? document.find("packages") : std::nullopt;
    if (!packages) {
        document.fail("this is no manifest: it has no list 'packages'",
                      "DIB_DPKG_MANIFEST names the dib-manifest-dpkg-... of an earlier build");
    }
    std::string text;
    for (const YamlNode& package : packages->items()) {
        text += "Package: " + checked_text(package, "package") + "\nPin: version " +
                checked_text(package, "version") + "\nPin-Priority: 1001\n\n";
    }
    return text;
}

std::vector<std::string> write_apt_preferences(const process::Environment& environment) {
    const std::string& file = hook_variable(environment, "DIB_DPKG_MANIFEST");
    const std::optional<std::string> content = read_element_file(file);
    if (!content) {
        throw util::Error({.what = "DIB_DPKG_MANIFEST: there is no file '" + file + "'",
                           .hint = "give the dib-manifest-dpkg-... of an earlier build",
                           .code = util::ExitCode::hook});
    }
    const util::RootDir tree(hook_variable(environment, "TMP_MOUNT_PATH"));
    tree.write("etc/apt/preferences", apt_preferences(*content, file));
    return {};
}

} // namespace kiln::element
