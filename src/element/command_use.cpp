#include "element/command_use.hpp"

#include "util/text.hpp"

#include <algorithm>
#include <cctype>
#include <set>
#include <string_view>

namespace kiln::element {
namespace {

using Words = std::vector<std::string>;

/// They never run a file that they are given.
bool is_reader(const std::string& name) {
    static const Words k_words = util::split_words(
        "echo printf cat cp install ln rm rmdir mkdir mv chmod chown chgrp touch test [ "
        "[[ ]] cd pushd grep egrep fgrep zgrep head tail wc sort uniq cut tr tee stat ls "
        "readlink realpath basename dirname diff cmp comm join paste sha256sum sha512sum "
        "md5sum sha1sum b2sum return exit true false : read mapfile readarray systemctl "
        "rc-update update-rc.d chkconfig useradd usermod getent dpkg-query rsync tar sed "
        "set shift unset case dpkg-divert truncate dd gpg mktemp gzip gunzip xz unxz zcat "
        "restorecon semanage groupadd ssh-keygen passwd chpasswd visudo tac rev base64 od "
        "apt-get apt yum dnf zypper rpm emerge type which hash apt-key apt-mark "
        "debconf-set-selections");
    static const std::set<std::string> k_names(k_words.begin(), k_words.end());
    return k_names.count(name) > 0;
}

/// They keep what follows in variables.
bool is_holder(const std::string& name) {
    static const std::set<std::string_view> k_names = {
        "export", "local", "declare", "typeset", "readonly", "for", "select"};
    return k_names.count(name) > 0;
}

bool is_redirection(const std::string& word) {
    return !word.empty() && word.find_first_not_of("<>&|") == std::string::npos;
}

bool is_wrapper(const std::string& name) {
    static const std::set<std::string_view> k_names = {"exec",
                                                       "command",
                                                       "builtin",
                                                       "sudo",
                                                       "env",
                                                       "nice",
                                                       "ionice",
                                                       "timeout",
                                                       "nohup",
                                                       "setsid",
                                                       "stdbuf",
                                                       "fakeroot"};
    return k_names.count(name) > 0;
}

bool reads_files(const std::string& name) {
    static const std::set<std::string_view> k_names = {
        "source",   ".",       "bash",    "sh",     "dash",  "ksh",         "zsh",     "busybox",
        "python",   "python3", "python2", "perl",   "ruby",  "chroot",      "unshare", "nsenter",
        "parallel", "at",      "batch",   "script", "watch", "systemd-run", "su",      "runuser"};
    return k_names.count(name) > 0;
}

bool is_dynamic(const std::string& word) {
    return word.find_first_of("$`") != std::string::npos;
}

bool is_number(const std::string& word) {
    return !word.empty() && word.find_first_not_of("0123456789.smh") == std::string::npos;
}

std::string name_of(const std::string& word) {
    const std::string plain = unquoted(word);
    const std::size_t slash = plain.rfind('/');
    return slash == std::string::npos || is_dynamic(plain) ? plain : plain.substr(slash + 1);
}

/// What a program that starts others starts: the first word behind its options.
std::string started_by(const Words& words, std::size_t first) {
    for (std::size_t at = first; at < words.size(); ++at) {
        const std::string word = unquoted(words[at]);
        if (word.empty() || (word.front() != '-' && word != "{}" && !is_number(word))) {
            return word;
        }
    }
    return "";
}

/// What "find" starts with -exec and its relatives.
Words started_by_find(const Words& words) {
    Words started;
    for (std::size_t at = 0; at + 1 < words.size(); ++at) {
        if (words[at] == "-exec" || words[at] == "-execdir" || words[at] == "-ok" ||
            words[at] == "-okdir") {
            started.push_back(unquoted(words[at + 1]));
        }
    }
    return started;
}

bool starts_only_readers(const Words& started) {
    return std::all_of(started.begin(), started.end(), [](const std::string& word) {
        return is_reader(name_of(word));
    });
}

bool is_own_program(const std::string& word) {
    return word == "$KILN" || word == "${KILN}";
}

/// Whether the script of an interpreter or of "chroot" cannot be told. "python3 - ARGUMENT..."
/// reads it from standard input.
bool names_unknown_script(const Words& words) {
    const auto script = std::find_if(words.begin() + 1, words.end(), [](const std::string& word) {
        return word == "-" || word.empty() || word.front() != '-';
    });
    const bool text = std::find(words.begin() + 1, words.end(), "-c") != words.end() ||
                      name_of(words.front()) == "chroot";
    return text ? std::any_of(words.begin() + 1, words.end(), is_dynamic)
                : script != words.end() && is_dynamic(*script);
}

} // namespace

std::string unquoted(const std::string& word) {
    std::string plain;
    for (const char letter : word) {
        if (letter != '"' && letter != '\'' && letter != '\\') {
            plain += letter;
        }
    }
    return plain;
}

bool is_assignment(const std::string& word) {
    std::size_t at = 0;
    while (at < word.size() &&
           (std::isalnum(static_cast<unsigned char>(word[at])) != 0 || word[at] == '_')) {
        ++at;
    }
    if (at == 0 || std::isdigit(static_cast<unsigned char>(word.front())) != 0) {
        return false;
    }
    if (at < word.size() && word[at] == '[') {
        at = word.find(']', at);
        at = at == std::string::npos ? word.size() : at + 1;
    }
    return word.compare(at, 1, "=") == 0 || word.compare(at, 2, "+=") == 0;
}

std::vector<std::string> effective_words(const ShellCommand& command) {
    Words words = command.words;
    for (;;) {
        while (!words.empty() && is_assignment(words.front())) {
            words.erase(words.begin());
        }
        if (words.size() < 2 || !is_wrapper(name_of(words.front()))) {
            return words;
        }
        const auto last = std::find_if(words.begin() + 1, words.end(), [](const std::string& word) {
            return word.empty() || (word.front() != '-' && !is_number(word));
        });
        if (last == words.end()) {
            return words;
        }
        words.erase(words.begin(), last);
    }
}

FileUse use_of(const ShellCommand& command) {
    if (command.here_document) {
        return FileUse::run;
    }
    const Words words = effective_words(command);
    if (words.empty()) {
        return FileUse::held;
    }
    const std::string name = name_of(words.front());
    if (is_redirection(words.front())) {
        return FileUse::data;
    }
    if (is_holder(name)) {
        return FileUse::held;
    }
    if (name == "find") {
        return starts_only_readers(started_by_find(words)) ? FileUse::data : FileUse::run;
    }
    return is_reader(name) ? FileUse::data : FileUse::run;
}

UnknownFile unknown_file_of(const ShellCommand& command) {
    const Words words = effective_words(command);
    if (command.here_document || words.empty() || is_redirection(words.front())) {
        return UnknownFile::none;
    }
    const std::string first = unquoted(words.front());
    if (is_dynamic(first)) {
        return is_own_program(first) ? UnknownFile::none : UnknownFile::program;
    }
    if (first.find('/') != std::string::npos && first.front() != '/') {
        return UnknownFile::program;
    }
    const std::string name = name_of(first);
    if (name == "find" || name == "xargs") {
        const Words started = name == "find" ? started_by_find(words) : Words{started_by(words, 1)};
        return starts_only_readers(started) ? UnknownFile::none : UnknownFile::text;
    }
    if (name == "eval") {
        return UnknownFile::text;
    }
    if (name == "run-parts") {
        return UnknownFile::program;
    }
    return reads_files(name) && names_unknown_script(words) ? UnknownFile::text : UnknownFile::none;
}

} // namespace kiln::element
