#include "cache_elements.hpp"

#include <algorithm>
#include <array>
#include <filesystem>

namespace kiln::tests {
namespace {

namespace fs = std::filesystem;

struct Text {
    const char* path;
    const char* content;
};

/// Hooks; "#!/bin/bash", "set -eu" and a line that writes a version come before.
constexpr std::array<Text, 32> k_hooks = {{
    {"alpha/root.d/20-root",
     "mkdir -p \"$TARGET_ROOT/srv/tree/sub\"\n"
     "echo \"root $DIB_TEXT\" > \"$TARGET_ROOT/srv/root\"\n"
     "echo one > \"$TARGET_ROOT/srv/gone\"\n"
     "echo old > \"$TARGET_ROOT/srv/tree/sub/old\""},
    {"alpha/extra-data.d/10-extra", "echo \"extra $DIB_BETA\" > \"$TMP_HOOKS_PATH/extra-made\""},
    {"alpha/extra-data.d/20-static", "cp \"$TMP_HOOKS_PATH/lib/words\" \"$TMP_HOOKS_PATH/copied\""},
    {"alpha/pre-install.d/10-say", "say-alpha > /srv/say"},
    {"alpha/pre-install.d/20-extra", "cat /tmp/in_target.d/extra-made > /srv/extra"},
    {"alpha/pre-install.d/21-copied", "cat /tmp/in_target.d/copied > /srv/copied"},
    {"alpha/install.d/10-static",
     "install -D -m 0640 /tmp/in_target.d/static/etc/alpha.conf /etc/alpha.conf"},
    {"alpha/install.d/15-all-static",
     "mkdir /srv/static; cp -a /tmp/in_target.d/static/. /srv/static/"},
    {"beta/install.d/25-indirect", "name=DIB_HIDDEN\necho \"${!name:-none}\" > /srv/indirect"},
    {"beta/install.d/35-bulk", "cat /tmp/in_target.d/bulk/* > /srv/bulk"},
    {"beta/install.d/36-names", "ls /tmp/in_target.d/bulk > /srv/names"},
    {"beta/install.d/37-modes", "cd /tmp/in_target.d/bulk\nstat -c '%a %n' * > /srv/modes"},
    {"beta/install.d/38-link", "readlink /tmp/in_target.d/link > /srv/link"},
    {"beta/install.d/39-through-link", "cat /tmp/in_target.d/link > /srv/through-link"},
    {"beta/install.d/40-pair", "echo pair > /srv/pair-a\nln /srv/pair-a /srv/pair-b"},
    {"beta/install.d/41-split", "echo \"$GAMMA\" >> /srv/pair-b"},
    {"beta/install.d/45-move", "mv /srv/tree /srv/moved"},
    {"beta/install.d/46-opaque", "rm -rf /srv/moved\nmkdir /srv/moved\necho new > /srv/moved/new"},
    {"beta/install.d/47-gone", "rm /srv/gone"},
    {"beta/install.d/50-attributes",
     "touch /srv/attributed\nsetfattr -n user.level -v \"$DIB_ALPHA\" /srv/attributed"},
    {"beta/install.d/51-owner", "touch /srv/owned\nchown 12:34 /srv/owned\nchmod 4751 /srv/owned"},
    {"beta/install.d/53-old-time", "touch -d '2001-01-01 00:00:00' /srv/old"},
    {"gamma/install.d/60-uses-tree", "cat /srv/say /srv/bulk | md5sum > /srv/of-tree"},
    {"gamma/post-install.d/10-elements", "echo \"$IMAGE_ELEMENT\" > /srv/elements"},
    {"gamma/post-install.d/11-arguments", "echo \"$DIB_ARGS\" > /srv/arguments"},
    {"gamma/post-install.d/20-source",
     ". /tmp/in_target.d/lib/functions\ndescribe > /srv/described"},
    {"gamma/post-install.d/30-relative", "cat \"$(dirname \"$0\")/../bulk/one\" > /srv/relative"},
    {"gamma/post-install.d/40-glob",
     "for f in /tmp/in_target.d/b?lk/t*; do cat $f; done > /srv/glob"},
    {"gamma/finalise.d/50-sum", "md5sum /srv/* > /srv/sum 2>/dev/null || true"},
    {"gamma/cleanup.d/10-note", "echo \"clean $DIB_BETA\" > \"$TARGET_ROOT/srv/clean\""},
    {"greedy/post-install.d/90-copy", "mkdir /srv/hooks\ncp -R /tmp/in_target.d/. /srv/hooks/"},
    {"greedy/post-install.d/91-variables",
     "env | grep -E '^(GAMMA|DIB_ALPHA|DIB_BETA|DIB_HIDDEN|DIB_LEVEL|DIB_TEXT|DIB_UNUSED)' | sort "
     "> /srv/env"},
}};

/// Hooks that write no version: they change next to nothing, or are of another language.
constexpr std::array<Text, 5> k_bare_hooks = {{
    {"alpha/root.d/30-python",
     "#!/usr/bin/python3\n# version=0\n"
     "import os\n"
     "tree = os.environ['TARGET_ROOT']\n"
     "with open(tree + '/srv/python', 'w') as file:\n"
     "    file.write(os.environ.get('DIB_BETA', '') + '\\n')\n"},
    {"alpha/root.d/31-second",
     "#!/bin/bash\nset -eu\ncat \"$TARGET_ROOT/srv/python\" > "
     "\"$TARGET_ROOT/srv/second\"\n"},
    {"beta/install.d/30-awk",
     "#!/bin/awk -f\n# version=0\nBEGIN { print ENVIRON[\"GAMMA\"] > \"/srv/awk\" }\n"},
    {"beta/install.d/51-mode", "#!/bin/bash\n# version=0\nchmod 0751 /srv/root\n"},
    {"beta/install.d/52-nothing", "#!/bin/bash\n: 0\n"},
}};

constexpr std::array<Text, 12> k_data = {{
    {"alpha/environment.d/10-alpha",
     "export DIB_LEVEL=${DIB_LEVEL:-low}\nexport DIB_ALPHA=\"$DIB_LEVEL-0\"\n"},
    {"alpha/static/etc/alpha.conf", "alpha 0\n"},
    {"alpha/static/etc/other.conf", "other 0\n"},
    {"alpha/bin/say-alpha",
     "#!/bin/bash\nset -eu\necho \"0 $DIB_LEVEL\"\ncat /tmp/in_target.d/said/text\n"},
    {"alpha/said/text", "said 0\n"},
    {"alpha/lib/words", "words 0\n"},
    {"alpha/lib/functions",
     "describe() {\n    echo \"0 $GAMMA\"\n    cat /tmp/in_target.d/lib/words\n}\n"},
    {"beta/bulk/one", "one 0\n"},
    {"beta/bulk/two", "two 0\n"},
    {"gamma/bin/install-packages", "#!/bin/bash\necho \"0 $*\" >> /srv/packages\n"},
    {"gamma/unused/file", "unused 0\n"},
    {"gamma/environment.d/20-gamma", "export GAMMA=\"${GAMMA:-none} 0\"\n"},
}};

bool is_program(const std::string& path) {
    return path.find("/bin/") != std::string::npos;
}

bool is_hook(const std::string& path) {
    return path.find(".d/") != std::string::npos && path.find("environment.d") == std::string::npos;
}

std::string hook_text(const std::string& body) {
    return "#!/bin/bash\nset -eu\nversion=0\n" + body + "\n";
}

/// Hooks of the chroot write their version too, so that what they make changes with it.
std::string versioned(const Text& hook) {
    const std::string path = hook.path;
    const std::string name = path.substr(path.rfind('/') + 1);
    const bool in_tree = path.find("install.d/") != std::string::npos;
    return hook_text(hook.content + (in_tree && name.back() != 'e'
                                         ? "\necho \"$version\" > /srv/" + name + ".version"
                                         : std::string()));
}

/// In place of the last number of the text comes another.
std::string renumbered(std::string text, int number) {
    static constexpr const char* k_version = "version=";
    const std::size_t mark = text.find(k_version);
    const std::size_t at = mark == std::string::npos ? text.find_last_of("0123456789")
                                                     : mark + std::string(k_version).size();
    if (at == std::string::npos) {
        return text + "# " + std::to_string(number) + "\n";
    }
    return text.replace(at, 1, std::to_string(number % 10));
}

} // namespace

CacheElements::CacheElements(Workspace& space, unsigned seed) : space_(space), random_(seed) {
    for (const Text& hook : k_hooks) {
        files_["elements/" + std::string(hook.path)] = {.content = versioned(hook), .mode = 0755};
    }
    for (const Text& hook : k_bare_hooks) {
        files_["elements/" + std::string(hook.path)] = {.content = hook.content, .mode = 0755};
    }
    files_[direct_] = {.content = hook_text("echo \"$DIB_BETA $version\" > /srv/direct"),
                       .mode = 0755};
    for (const Text& file : k_data) {
        files_["elements/" + std::string(file.path)] = {
            .content = file.content, .mode = is_program(file.path) ? 0755U : 0644U};
    }
    for (const char* element : {"alpha", "beta", "gamma", "greedy"}) {
        files_["elements/" + std::string(element) + "/README.md"] = {.content = "A test.\n"};
    }
    files_["elements/alpha/element-deps"] = {.content = "install-bin\n"};
    files_["elements/beta/element-deps"] = {.content = "alpha\n"};
    files_["elements/gamma/element-deps"] = {.content = "install-bin\n"};
    variables_ = {{"DIB_TEXT", "a"}, {"DIB_BETA", "b"}, {"DIB_HIDDEN", "h"}, {"DIB_UNUSED", "u"}};
    write();
}

std::vector<std::string> CacheElements::words() const {
    std::vector<std::string> words = layout_;
    for (const auto& [name, value] : variables_) {
        words.insert(words.end(), {"--env", name + "=" + value});
    }
    for (const std::string& package : packages_) {
        words.insert(words.end(), {"-p", package});
    }
    words.emplace_back("fake-os");
    words.emplace_back(turned_ ? "gamma" : "beta");
    words.emplace_back(turned_ ? "beta" : "gamma");
    words.insert(words.end(), more_.begin(), more_.end());
    return words;
}

std::string CacheElements::any_of(const std::vector<std::string>& names) {
    return names.at(below(static_cast<unsigned>(names.size())));
}

std::vector<std::string> CacheElements::hooks() const {
    std::vector<std::string> names;
    for (const auto& [path, file] : files_) {
        if (is_hook(path)) {
            names.push_back(path);
        }
    }
    return names;
}

std::vector<std::string> CacheElements::data() const {
    std::vector<std::string> names;
    for (const Text& file : k_data) {
        names.push_back("elements/" + std::string(file.path));
    }
    return names;
}

std::string CacheElements::change() {
    using Change = std::string (CacheElements::*)();
    // Those of content come more often.
    static constexpr std::array<Change, 15> k_changes = {&CacheElements::change_text_of_a_hook,
                                                         &CacheElements::change_text_of_a_hook,
                                                         &CacheElements::change_content,
                                                         &CacheElements::change_content,
                                                         &CacheElements::change_content,
                                                         &CacheElements::change_mode,
                                                         &CacheElements::change_variable,
                                                         &CacheElements::change_variable,
                                                         &CacheElements::rename_a_hook,
                                                         &CacheElements::toggle_a_file,
                                                         &CacheElements::toggle_an_element,
                                                         &CacheElements::change_the_order,
                                                         &CacheElements::change_packages,
                                                         &CacheElements::change_layout,
                                                         &CacheElements::turn_a_link};
    const std::string what = (this->*k_changes.at(below(k_changes.size())))();
    write();
    return what;
}

std::string CacheElements::change_text_of_a_hook() {
    const std::string path = any_of(hooks());
    files_[path].content = renumbered(files_[path].content, ++version_);
    return "the text of " + path;
}

std::string CacheElements::change_content() {
    const std::string path = any_of(data());
    files_[path].content = renumbered(files_[path].content, ++version_);
    return "the content of " + path;
}

std::string CacheElements::change_mode() {
    const bool of_hook = below(3) == 0;
    const std::string path = any_of(of_hook ? hooks() : data());
    const bool runs = of_hook || is_program(path);
    unsigned& mode = files_[path].mode;
    if (runs) {
        mode = mode == 0755 ? 0750 : 0755;
    } else {
        mode = mode == 0644 ? 0640 : 0644;
    }
    return "the mode of " + path;
}

std::string CacheElements::change_variable() {
    const std::string name =
        any_of({"DIB_LEVEL", "DIB_TEXT", "DIB_BETA", "DIB_HIDDEN", "GAMMA", "DIB_UNUSED"});
    variables_[name] = any_of({"x", "y", "z w", "$HOME"});
    return "the variable " + name;
}

std::string CacheElements::rename_a_hook() {
    const File file = files_.at(direct_);
    files_.erase(direct_);
    direct_ = "elements/beta/install.d/" + std::to_string(11 + below(80)) + "-direct";
    files_[direct_] = file;
    return "the name of the hook that is now " + direct_;
}

std::string CacheElements::toggle_a_file() {
    const std::string path = any_of({"elements/beta/bulk/three",
                                     "elements/alpha/static/etc/third.conf",
                                     "elements/gamma/install.d/61-more",
                                     "elements/gamma/environment.d/90-last"});
    if (files_.erase(path) != 0) {
        return path + " has gone";
    }
    if (path.find("install.d") != std::string::npos) {
        files_[path] = {.content = hook_text("echo more > /srv/more"), .mode = 0755};
    } else if (path.find("environment.d") != std::string::npos) {
        files_[path] = {.content = "export DIB_BETA=\"last $DIB_BETA\"\n"};
    } else {
        files_[path] = {.content = "third\n"};
    }
    return path + " is new";
}

std::string CacheElements::toggle_an_element() {
    const std::string element = "greedy";
    const bool gone = more_.erase(element) != 0;
    if (!gone) {
        more_.insert(element);
    }
    return "the element " + element + (gone ? " has gone" : " is new");
}

std::string CacheElements::change_the_order() {
    if (below(2) == 0) {
        turned_ = !turned_;
        return "the order of elements";
    }
    const std::string deps =
        any_of({"install-bin\n", "install-bin\nalpha\n", "beta\ninstall-bin\n"});
    files_["elements/gamma/element-deps"] = {.content = deps};
    return "the elements that gamma needs";
}

std::string CacheElements::change_packages() {
    const unsigned count = below(3);
    packages_.clear();
    for (unsigned i = 0; i < count; ++i) {
        packages_.push_back(any_of({"one", "two", "three"}));
    }
    return "the list of packages";
}

std::string CacheElements::change_layout() {
    switch (below(4)) {
    case 0:
        layout_ = {"--root-label", "other"};
        break;
    case 1:
        layout_ = {"--image-size", "0.25"};
        break;
    case 2:
        layout_ = {"--image-extra-size", "8"};
        break;
    default:
        layout_.clear();
    }
    return "the layout";
}

std::string CacheElements::turn_a_link() {
    link_ = link_ == "one" ? "two" : "one";
    return "where a link leads";
}

void CacheElements::write() {
    for (const auto& [path, file] : written_) {
        if (files_.count(path) == 0) {
            fs::remove(space_.path() / path);
        }
    }
    for (const auto& [path, file] : files_) {
        const auto old = written_.find(path);
        if (old == written_.end() || old->second.content != file.content ||
            old->second.mode != file.mode) {
            space_.write(path, file.content, file.mode);
        }
    }
    written_ = files_;
    const fs::path link = space_.path() / "elements/beta/link";
    fs::remove(link);
    fs::create_symlink("bulk/" + link_, link);
}

} // namespace kiln::tests
