#include "workspace.hpp"

#include "catalog/build_record.hpp"
#include "util/error.hpp"
#include "util/fd.hpp"
#include "util/text.hpp"

#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace kiln::tests {
namespace {

namespace fs = std::filesystem;
using std::chrono::seconds;

constexpr seconds k_longest_run{90};
constexpr const char* k_path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

std::string plain_user_name() {
    const char* name = ::getenv("KILN_TEST_USER");
    return name == nullptr ? "kiln-test" : name;
}

std::optional<Account> plain_account() {
    const std::string name = plain_user_name();
    // NOLINTNEXTLINE(concurrency-mt-unsafe): tests have one thread
    const passwd* entry = ::getpwnam(name.c_str());
    if (entry == nullptr) {
        return std::nullopt;
    }
    return Account{.uid = entry->pw_uid, .gid = entry->pw_gid, .name = name};
}

std::optional<Account> account_of(User user) {
    return user == User::plain && ::geteuid() == 0 ? plain_account() : std::nullopt;
}

/// Whether others may enter every folder above the binary.
bool others_reach(const fs::path& path) {
    for (fs::path folder = path; folder.has_relative_path(); folder = folder.parent_path()) {
        if ((fs::status(folder).permissions() & fs::perms::others_exec) == fs::perms::none) {
            return false;
        }
    }
    return true;
}

/// A copy of what a build needs of the source and build trees, for a user who cannot enter them.
fs::path copy_for_others(const fs::path& target) {
    const fs::path source = KILN_SOURCE_DIR;
    const fs::path programs = target / "build/test/bin";
    fs::create_directories(programs);
    fs::copy_file(KILN_BINARY, programs / "kiln");
    fs::create_symlink("kiln", programs / "disk-image-create");
    for (const char* folder : {"elements", "scripts/shims", "tests/elements"}) {
        fs::create_directories((target / folder).parent_path());
        fs::copy(source / folder, target / folder, fs::copy_options::recursive);
    }
    return target;
}

} // namespace

User current_user() {
    return ::geteuid() == 0 ? User::root : User::plain;
}

std::string reason_to_skip(User user) {
    if (user == User::root) {
        return reason_without_root();
    }
    if (::geteuid() != 0) {
        return "";
    }
    if (!plain_account()) {
        return "there is no user '" + plain_user_name() + "'; scripts/test makes it, as root";
    }
    return "";
}

std::string reason_without_root() {
    return ::geteuid() == 0 ? "" : "only root can test this";
}

Workspace::Workspace(User user) : user_(user), directory_("/var/tmp", "kiln-functional-") {
    own(path());
    for (const char* name : {"home", "cache", "state", "out", "elements"}) {
        fs::create_directory(path() / name);
        own(path() / name);
    }
    fs::path source = KILN_SOURCE_DIR;
    if (account_of(user_) && !others_reach(KILN_BINARY)) {
        source = copy_for_others(path() / "tree");
        binary_ = source / "build/test/bin/kiln";
    }
    environment = {
        {"PATH", k_path},
        {"HOME", *this / "home"},
        {"XDG_CACHE_HOME", *this / "cache"},
        {"XDG_STATE_HOME", *this / "state"},
        {"KILN_TEST_MARK", path()},
        {"ELEMENTS_PATH", *this / "elements" + ":" + (source / "tests/elements").string()}};
}

void Workspace::own(const fs::path& path) const {
    if (const std::optional<Account> account = account_of(user_)) {
        if (::lchown(path.c_str(), account->uid, account->gid) != 0) {
            util::throw_errno("cannot give away '" + path.string() + "'");
        }
    }
}

std::string Workspace::write(const std::string& name, const std::string& content, unsigned mode) {
    const fs::path file = path() / name;
    for (fs::path folder = path(); const fs::path& part : fs::path(name).parent_path()) {
        folder /= part;
        if (fs::create_directory(folder)) {
            own(folder);
        }
    }
    const util::Fd fd = util::open_file(file.string(), O_WRONLY | O_CREAT | O_TRUNC);
    util::write_all(fd.get(), content, file.string());
    EXPECT_EQ(::fchmod(fd.get(), mode), 0);
    own(file);
    return file.string();
}

void Workspace::hook(const std::string& element, const std::string& name, const std::string& text) {
    write("elements/" + element + "/" + name, "#!/bin/bash\nset -eu\n" + text + "\n", 0755);
}

std::string Workspace::read(const std::string& name) const {
    return util::read_file((path() / name).string());
}

bool Workspace::has(const std::string& name) const {
    return fs::exists(fs::symlink_status(path() / name));
}

std::vector<std::string> Workspace::list(const std::string& name) const {
    std::vector<std::string> names;
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(path() / name, error)) {
        names.push_back(entry.path().filename());
    }
    std::sort(names.begin(), names.end());
    return names;
}

std::vector<std::string> Workspace::list_without_records(const std::string& name) const {
    std::vector<std::string> names = list(name);
    for (const std::string& image : list(name)) {
        names.erase(std::remove(names.begin(), names.end(), catalog::record_path(image)),
                    names.end());
    }
    return names;
}

std::string Workspace::build_log() const {
    return read("state/kiln/builds/latest/build.log");
}

std::vector<std::string> Workspace::hook_output() const {
    std::vector<std::string> lines;
    for (const std::string& line : util::split(build_log(), '\n')) {
        // "2026-01-01 00:00:00.000 output PHASE ELEMENT HOOK: TEXT"
        const std::vector<std::string> words = util::split_words(line);
        const std::size_t colon = line.find(": ");
        if (words.size() > 2 && words[2] == "output" && colon != std::string::npos) {
            lines.push_back(line.substr(colon + 2));
        }
    }
    return lines;
}

Program Workspace::program(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), binary_.string());
    return {.argv = std::move(arguments),
            .environment = environment,
            .directory = *this / "out",
            .output_prefix = *this / ("run-" + std::to_string(runs_++)),
            .account = account_of(user_)};
}

Finished Workspace::kiln(std::vector<std::string> arguments) const {
    return Running(program(std::move(arguments))).wait(k_longest_run);
}

std::vector<std::string> Workspace::build_words(const std::vector<std::string>& arguments) {
    std::vector<std::string> words = {
        "build", "-n", "-o", "image", "-t", "raw", "--env", "FAKE_OS_MEGABYTES=1"};
    words.insert(words.end(), arguments.begin(), arguments.end());
    return words;
}

Finished Workspace::build(const std::vector<std::string>& arguments) const {
    return kiln(build_words(arguments));
}

void Workspace::must_build(const std::vector<std::string>& arguments) const {
    const Finished result = build(arguments);
    ASSERT_EQ(result.exit_code, 0) << result.err;
}

Running Workspace::start_build(const std::vector<std::string>& arguments) const {
    return Running(program(build_words(arguments)));
}

std::string user_name(const testing::TestParamInfo<User>& info) {
    return info.param == User::root ? "Root" : "PlainUser";
}

} // namespace kiln::tests
