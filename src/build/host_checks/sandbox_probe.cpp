#include "build/host_checks/sandbox_probe.hpp"

#include "build/build_directory.hpp"
#include "build/context.hpp"
#include "build/host_checks/bounded.hpp"
#include "process/posix_runner.hpp"
#include "sandbox/helper_namespace.hpp"
#include "sandbox/layer_stack.hpp"
#include "sandbox/private_root.hpp"
#include "sandbox/session.hpp"
#include "util/error.hpp"
#include "util/fd.hpp"
#include "util/root_dir.hpp"
#include "util/text.hpp"

#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>

namespace kiln::build {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

constexpr milliseconds k_namespace_limit{5000};
constexpr milliseconds k_sandbox_limit{20000};
constexpr milliseconds k_probe_remove_limit{5000};
constexpr std::string_view k_works = "works";

std::string errno_text() {
    return std::generic_category().message(errno);
}

bool make_mounts_private() {
    return ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
}

/// A user namespace without any map: whether the kernel gives one, and rights in it.
std::string try_user_namespace() {
    try {
        const pid_t child = process::fork_into_namespaces(CLONE_NEWUSER | CLONE_NEWNS);
        if (child == 0) {
            ::_exit(make_mounts_private() ? 0 : errno);
        }
        const int code = process::wait_for(child);
        return code == 0
                   ? std::string(k_works)
                   : "it was made, but without rights: " + std::generic_category().message(code);
    } catch (const util::Error& error) {
        return error.what();
    }
}

std::string reason_of(const std::exception& error) {
    return util::join(util::split(error.what(), '\n'), " ");
}

std::string try_proc() {
    const std::string target = std::string(Paths::k_inside) + "/proc";
    if (::mkdir(target.c_str(), 0755) != 0 ||
        ::mount("proc", target.c_str(), "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) != 0) {
        return errno_text();
    }
    ::umount2(target.c_str(), MNT_DETACH);
    return std::string(k_works);
}

/// As builds have them: a file in one layer, and its folder replaced in the next (a whiteout and
/// an attribute of the folder).
std::string try_overlay() {
    sandbox::LayerStack layers(Paths::k_layers, Paths::k_mount);
    layers.begin();
    util::RootDir(Paths::k_mount).write("folder/file", "text");
    layers.finish();
    layers.begin();
    util::RootDir(Paths::k_mount).remove("folder");
    util::RootDir(Paths::k_mount).make_directories("folder");
    layers.finish();
    layers.mount_read_only();
    const bool right = util::RootDir(Paths::k_mount).list("folder").empty();
    layers.unmount_all();
    return right ? std::string(k_works) : "a removed file is seen again";
}

/// In the sandbox: a line "NAME ANSWER" for each trial.
void run_trials(const fs::path& directory, int fd) {
    const auto tell = [&](const std::string& name, const std::function<std::string()>& trial) {
        std::string answer;
        try {
            answer = trial();
        } catch (const std::exception& error) {
            answer = reason_of(error);
        }
        util::write_all(fd, name + " " + answer + "\n", "the answers");
        return answer == k_works;
    };
    const bool inside = tell("sandbox", [&] {
        fs::create_directory(directory / "root");
        sandbox::enter_private_root(directory / "root", directory, Paths::k_inside);
        return std::string(k_works);
    });
    if (inside) {
        tell("proc", try_proc);
        tell("overlay", try_overlay);
    }
}

std::string run_session(const BuildDirectory& directory,
                        const std::optional<sandbox::IdMap>& id_map) {
    util::Pipe pipe = util::make_pipe();
    std::string answers;
    {
        sandbox::Session session({.id_map = id_map, .worker_descriptors = {pipe.write.get()}}, [&] {
            run_trials(directory.path(), pipe.write.get());
            return 0;
        });
        pipe.write.reset();
        answers = util::read_all(pipe.read.get(), "the answers of the sandbox");
        session.wait();
    }
    remove_build(directory.path(), id_map, k_probe_remove_limit);
    return answers.empty() ? "sandbox its first process ended at once\n" : answers;
}

/// The part of a path that is not there yet, the lowest folder first.
std::vector<fs::path> missing_folders(fs::path path) {
    std::vector<fs::path> missing;
    std::error_code error;
    while (!path.empty() && !fs::exists(path, error) && path != path.parent_path()) {
        missing.push_back(path);
        path = path.parent_path();
    }
    return missing;
}

std::string try_sandbox(const fs::path& work_directory) {
    const fs::path builds = work_directory / "builds";
    const std::vector<fs::path> made = missing_folders(builds);
    std::string answers;
    try {
        const std::optional<sandbox::IdMap> id_map = sandbox::current_id_map();
        const BuildDirectory directory(builds, "doctor-" + std::to_string(::getpid()));
        answers = run_session(directory, id_map);
    } catch (const std::exception& error) {
        answers = "sandbox " + reason_of(error) + "\n";
    }
    for (const fs::path& folder : made) {
        ::rmdir(folder.c_str());
    }
    return answers;
}

Trial trial_of(const std::optional<std::string>& answer) {
    if (!answer) {
        return {.state = Trial::State::fails, .reason = "it did not end in time"};
    }
    return *answer == k_works ? Trial{.state = Trial::State::works}
                              : Trial{.state = Trial::State::fails, .reason = *answer};
}

struct Trials {
    Trial sandbox{};
    Trial proc{};
    Trial overlay{};
};

Trials trials_of(const std::optional<std::string>& answers) {
    Trials trials;
    if (!answers) {
        trials.sandbox = trial_of(std::nullopt);
        return trials;
    }
    for (const std::string& line : util::split(*answers, '\n')) {
        const std::size_t blank = std::min(line.find(' '), line.size());
        const std::string name = line.substr(0, blank);
        const Trial trial = trial_of(line.substr(std::min(blank + 1, line.size())));
        if (name == "sandbox") {
            trials.sandbox = trial;
        } else if (name == "proc") {
            trials.proc = trial;
        } else if (name == "overlay") {
            trials.overlay = trial;
        }
    }
    return trials;
}

std::string try_helper_sandbox(const fs::path& work_directory) {
    try {
        sandbox::enter_helper_namespace();
    } catch (const util::Error& error) {
        return "sandbox " + reason_of(error) + ": " + util::join(error.info().excerpt, " ") + "\n";
    }
    return try_sandbox(work_directory);
}

} // namespace

void probe_sandbox(const fs::path& work_directory, NamespaceFacts& facts) {
    if (::geteuid() != 0) {
        facts.user_namespace = trial_of(answer_within(k_namespace_limit, try_user_namespace));
    }
    const Trials trials =
        trials_of(answer_within(k_sandbox_limit, [&] { return try_sandbox(work_directory); }));
    facts.sandbox = trials.sandbox;
    facts.proc = trials.proc;
    facts.overlay = trials.overlay;
}

void probe_helper_sandbox(const fs::path& work_directory, HostFacts& facts) {
    const Trials trials = trials_of(
        answer_within(k_sandbox_limit, [&] { return try_helper_sandbox(work_directory); }));
    facts.helper.sandbox = trials.sandbox;
    facts.namespaces.proc = trials.proc;
    facts.namespaces.overlay = trials.overlay;
}

} // namespace kiln::build
