#include "build/preparation.hpp"

#include "build/disk_plan.hpp"
#include "disk/formats.hpp"
#include "element/expand.hpp"
#include "element/hook_tree.hpp"
#include "process/tool_check.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <ctime>

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

void check_tools(const BuildOptions& options) {
    std::vector<process::ToolRequirement> tools = {
        {"bash", "runs hooks", "bash"},
        {"mke2fs", "makes file systems", "e2fsprogs"},
    };
    for (const disk::ImageFormat format : disk::parse_formats(options.formats)) {
        if (format != disk::ImageFormat::raw) {
            tools.push_back({"qemu-img",
                             "writes " + std::string(disk::format_info(format).name),
                             "qemu-utils"});
        }
    }
    if (::geteuid() != 0) {
        tools.push_back({"newuidmap", "maps subordinate ids", "uidmap"});
    }
    process::require_tools(tools, process::tool_environment());
}

void check_output(const fs::path& output) {
    const fs::path folder = output.parent_path();
    std::error_code error;
    fs::create_directories(folder, error);
    if (error || ::access(folder.c_str(), W_OK | X_OK) != 0) {
        throw util::Error({.what = "the output folder '" + folder.string() + "' cannot be written" +
                                   (error ? ": " + error.message() : ""),
                           .hint = "choose another place with -o DIR/NAME"});
    }
}

void remove_old_logs(const fs::path& logs) {
    std::vector<fs::path> folders;
    for (const fs::directory_entry& entry : fs::directory_iterator(logs)) {
        if (entry.is_directory() && !entry.is_symlink()) {
            folders.push_back(entry.path());
        }
    }
    std::sort(folders.begin(), folders.end(), [](const fs::path& left, const fs::path& right) {
        return fs::last_write_time(left) > fs::last_write_time(right);
    });
    for (std::size_t i = k_kept_logs; i < folders.size(); ++i) {
        fs::remove_all(folders[i]);
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
    context.elements = resolve_elements(context, reporter);
    const element::HookTree tree(context.elements);
    choose_layout(context);
    check_tools(context.options);
    check_output(context.options.output);
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
