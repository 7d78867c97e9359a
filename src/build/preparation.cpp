#include "build/preparation.hpp"

#include "archive/container_reference.hpp"
#include "build/architecture.hpp"
#include "build/disk_plan.hpp"
#include "build/unchanged.hpp"
#include "cache/freshness_policy.hpp"
#include "disk/checksums.hpp"
#include "disk/formats.hpp"
#include "element/break_points.hpp"
#include "element/expand.hpp"
#include "element/hook_tree.hpp"
#include "element/resolve_packages.hpp"
#include "process/tool_check.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <sstream>
#include <system_error>

namespace kiln::build {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t k_kept_logs = 50;

std::vector<element::Element> resolve_elements(const BuildContext& context,
                                               report::Reporter& reporter) {
    const BuildOptions& options = context.options;
    const element::Catalog catalog(
        element::parse_elements_path(options.elements_path),
        {.own = context.installation.elements, .allow_override = options.allow_override});
    std::vector<element::Element> elements =
        element::expand(catalog,
                        {.elements = options.elements,
                         .with_base = options.with_base,
                         .architecture = options.architecture});
    for (const element::Element& shadowed : catalog.shadowed()) {
        const auto same_name = [&](const element::Element& e) { return e.name == shadowed.name; };
        if (std::any_of(elements.begin(), elements.end(), same_name)) {
            reporter.warn("kiln's own element '" + shadowed.name + "' is used, not '" +
                          shadowed.path.string() + "' (--allow-override takes that one)");
        }
    }
    return elements;
}

/// What the formats need, each format's tool only when it is wanted.
void add_format_tools(const BuildOptions& options, std::vector<process::ToolRequirement>& tools) {
    for (const disk::ImageFormat format : disk::parse_formats(options.formats)) {
        const disk::FormatInfo& info = disk::format_info(format);
        const std::string purpose = "writes " + std::string(info.name);
        if (format == disk::ImageFormat::squashfs) {
            tools.push_back({"mksquashfs", purpose, "squashfs-tools"});
        } else if (info.source == disk::FormatSource::disk) {
            tools.push_back({"mke2fs", "makes file systems", "e2fsprogs"});
            if (disk::needs_qemu_img(format, {.qemu_options = options.qemu_img_options})) {
                tools.push_back({"qemu-img", purpose, "qemu-utils"});
            }
        }
    }
}

void check_tools(const BuildOptions& options) {
    std::vector<process::ToolRequirement> tools = {{"bash", "runs hooks", "bash"}};
    add_format_tools(options, tools);
    if (::geteuid() != 0) {
        tools.push_back({"newuidmap", "maps subordinate ids", "uidmap"});
    }
    process::require_tools(tools, process::tool_environment());
}

void check_break_points(const BuildOptions& options) {
    const element::BreakPoints points(options.break_points);
    if (!points.empty() && options.break_command.empty() && ::isatty(STDIN_FILENO) == 0) {
        throw util::Error(
            {.what = "the shell of a break point (or of --on-error=shell) needs a terminal, and "
                     "standard input is none",
             .hint = "run kiln by hand, or say what to run there: --break-cmd COMMAND",
             .code = util::ExitCode::usage});
    }
}

/// Temporary names of outputs hold the name twice, and a file name has at most 255 bytes.
constexpr std::size_t k_longest_name = 100;

/// In the sudo helper's namespace root is the caller: the map says who that is outside.
uid_t user_outside() {
    std::istringstream map(util::read_file("/proc/self/uid_map"));
    uid_t inside = 0;
    uid_t outside = 0;
    while (::getuid() == 0 && map >> inside >> outside && inside != 0) {
        map.ignore(k_longest_name, '\n');
    }
    return ::getuid() == 0 ? outside : ::getuid();
}

std::string home_of_builder() {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): kiln has one thread here
    const passwd* entry = ::getpwuid(user_outside());
    return entry == nullptr ? "" : entry->pw_dir;
}

void check_output_name(const BuildOptions& options) {
    const std::string name = options.output.filename();
    if (name.empty() || name == "." || name == ".." || name.size() > k_longest_name) {
        throw util::Error(
            {.what = "the output '" + options.output.string() +
                     (name.size() > k_longest_name ? "' has too long a name" : "' is a folder"),
             .hint = "name the image: -o DIR/NAME, NAME of at most " +
                     std::to_string(k_longest_name) + " bytes",
             .code = util::ExitCode::usage});
    }
    for (const disk::ImageFormat format : disk::parse_formats(options.formats)) {
        const std::string file =
            options.output.string() + "." + std::string(disk::format_info(format).extension);
        std::error_code ignored;
        if (fs::is_directory(file, ignored)) {
            throw util::Error({.what = "the output '" + file + "' is a folder",
                               .hint = "choose another name with -o DIR/NAME"});
        }
    }
}

/// Inside a build, its own folder lies there.
void check_not_hidden(const fs::path& path) {
    const std::string hidden = std::string(Paths::k_inside) + "/";
    if ((path.string() + "/").compare(0, hidden.size(), hidden) == 0) {
        throw util::Error({.what = "'" + path.string() + "' is hidden in a build: it works in '" +
                                   Paths::k_inside + "' of its own",
                           .hint = "move it elsewhere"});
    }
}

void check_places(const BuildContext& context) {
    check_not_hidden(context.options.output);
    check_not_hidden(context.options.cache_directory);
    check_not_hidden(context.installation.binary);
    for (const element::Element& element : context.elements) {
        check_not_hidden(fs::absolute(element.path).lexically_normal());
    }
}

void check_output(const fs::path& output) {
    const fs::path folder = output.parent_path();
    std::error_code error;
    fs::create_directories(folder, error);
    if (error || ::access(folder.c_str(), W_OK | X_OK) != 0) {
        const std::string reason = error ? error.message() : std::generic_category().message(errno);
        throw util::Error(
            {.what = "the output folder '" + folder.string() + "' cannot be written: " + reason,
             .hint = "choose another place with -o DIR/NAME"});
    }
}

void remove_old_logs(const fs::path& logs) {
    // Another build may remove the same ones at the same time.
    std::error_code ignored;
    std::vector<std::pair<fs::file_time_type, fs::path>> folders;
    for (const fs::directory_entry& entry : fs::directory_iterator(logs, ignored)) {
        if (!entry.is_symlink(ignored) && entry.is_directory(ignored)) {
            folders.emplace_back(entry.last_write_time(ignored), entry.path());
        }
    }
    std::sort(folders.rbegin(), folders.rend());
    for (std::size_t i = k_kept_logs; i < folders.size(); ++i) {
        fs::remove_all(folders[i].second, ignored);
    }
}

void point_latest(const fs::path& logs, const std::string& id) {
    const fs::path draft = logs / (".latest-" + id);
    fs::remove(draft);
    fs::create_directory_symlink(id, draft);
    fs::rename(draft, logs / "latest");
}

} // namespace

BuildContext prepare(BuildOptions options, report::Reporter& reporter) {
    options.output = fs::absolute(options.output).lexically_normal();
    BuildContext context = {.options = std::move(options), .installation = find_installation()};
    disk::parse_formats(context.options.formats);
    disk::parse_compression(context.options.compression);
    disk::parse_checksum_kinds(context.options.checksums);
    cache::parse_freshness(context.options.freshness, "--freshness");
    if (!context.options.container_name.empty()) {
        archive::parse_container_reference(context.options.container_name);
    }
    context.elements = resolve_elements(context, reporter);
    const element::HookTree tree(context.elements);
    element::check_package_files(context.elements);
    choose_layout(context);
    require_runnable(context.options.architecture);
    check_break_points(context.options);
    check_tools(context.options);
    check_places(context);
    check_output_name(context.options);
    check_output(context.options.output);
    context.builder_home = home_of_builder();
    context.build_key = build_key(context);
    return context;
}

std::string new_build_id(const fs::path& output) {
    const std::time_t now = std::time(nullptr);
    std::tm local = {};
    ::localtime_r(&now, &local);
    std::array<char, 32> stamp{};
    std::strftime(stamp.data(), stamp.size(), "%Y%m%d-%H%M%S", &local);
    return output.filename().string() + "-" + stamp.data() + "-" + std::to_string(::getpid());
}

fs::path make_log_directory(const fs::path& state, const std::string& id) {
    const fs::path logs = state / "builds";
    try {
        fs::create_directories(logs / id);
        point_latest(logs, id);
        remove_old_logs(logs);
    } catch (const fs::filesystem_error& error) {
        throw util::Error(
            {.what = "cannot write logs below '" + state.string() + "': " + error.code().message(),
             .hint = "choose another place with XDG_STATE_HOME"});
    }
    return logs / id;
}

} // namespace kiln::build
