#include "element/source_plan.hpp"

#include "element/element_file.hpp"
#include "element/environment.hpp"
#include "element/hook_variable.hpp"
#include "element/manifests.hpp"
#include "util/error.hpp"
#include "util/fd.hpp"
#include "util/root_dir.hpp"
#include "util/secret_names.hpp"
#include "util/text.hpp"

#include <fcntl.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <map>

namespace kiln::element {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view k_file_prefix = "source-repository-";

bool is_source_file(const std::string& name) {
    return name.size() > k_file_prefix.size() &&
           name.compare(0, k_file_prefix.size(), k_file_prefix) == 0 && name.back() != '~';
}

std::vector<std::string> source_files(const fs::path& directory) {
    std::vector<std::string> names;
    std::error_code error;
    for (fs::directory_iterator entry(directory, error), end; !error && entry != end;
         entry.increment(error)) {
        if (is_source_file(entry->path().filename())) {
            names.push_back(entry->path().filename());
        }
    }
    std::sort(names.begin(), names.end());
    return names;
}

/// File name to the element's own path of it, for messages.
using Origins = std::map<std::string, fs::path>;

Origins origins_of(const std::vector<Element>& elements) {
    Origins origins;
    for (const Element& element : elements) {
        for (const std::string& name : source_files(element.path)) {
            const auto [found, is_new] = origins.emplace(name, element.path / name);
            if (!is_new &&
                read_element_file(found->second) != read_element_file(element.path / name)) {
                throw util::Error({.what = "'" + found->second.string() + "' and '" +
                                           (element.path / name).string() +
                                           "' are two different files of one name",
                                   .hint = "name such a file after what it fetches",
                                   .code = util::ExitCode::hook});
            }
        }
    }
    return origins;
}

std::string or_dash(const std::string& text) {
    return text.empty() ? "-" : text;
}

std::string plan_line(const SourceRepository& repository) {
    return util::join({repository.name,
                       type_name(repository.type),
                       repository.destination,
                       repository.location,
                       or_dash(repository.ref),
                       cache_name(repository),
                       without_credentials(repository.location)},
                      "\t") +
           "\n";
}

fs::path work_directory(const process::Environment& environment) {
    return fs::path(hook_variable(environment, "TMP_BUILD_DIR")) / "source-repositories";
}

std::string text_of_file(const fs::path& file) {
    return read_element_file(file).value_or("");
}

} // namespace

std::string without_credentials(const std::string& location) {
    return util::replace_all(
        util::hide_credentials(location), "://" + std::string(util::k_hidden) + "@", "://");
}

std::vector<SourceRepository> sources_of_build(const process::Environment& environment) {
    const auto disabled = environment.find("NO_SOURCE_REPOSITORIES");
    if (disabled != environment.end() && !disabled->second.empty()) {
        return {};
    }
    const Origins origins =
        origins_of(parse_element_yaml(hook_variable(environment, "IMAGE_ELEMENT_YAML")));
    const fs::path hooks = hook_variable(environment, "TMP_HOOKS_PATH");
    std::vector<SourceRepository> all;
    for (const std::string& name : source_files(hooks)) {
        const auto origin = origins.find(name);
        const fs::path shown = origin == origins.end() ? hooks / name : origin->second;
        std::vector<SourceRepository> some =
            parse_source_repositories(text_of_file(hooks / name), shown.string(), environment);
        std::move(some.begin(), some.end(), std::back_inserter(all));
    }
    return wanted_repositories(all, environment);
}

std::vector<std::string> write_source_plan(const process::Environment& environment) {
    std::string plan;
    for (const SourceRepository& repository : sources_of_build(environment)) {
        plan += plan_line(repository);
    }
    const fs::path directory = work_directory(environment);
    std::error_code error;
    fs::remove_all(directory, error);
    fs::create_directories(directory, error);
    const std::string file = directory / "plan";
    const util::Fd fd = util::open_file(file, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    util::write_all(fd.get(), plan, file);
    return {};
}

std::vector<std::string> record_sources(const process::Environment& environment) {
    const util::RootDir tree(hook_variable(environment, "TMP_MOUNT_PATH"));
    const fs::path work = work_directory(environment);
    const std::string destinations = text_of_file(work / "destinations");
    if (!destinations.empty()) {
        constexpr const char* k_list = "etc/dib-source-repositories";
        tree.write(k_list, tree.read(k_list).value_or("") + destinations);
    }
    const std::string commits = text_of_file(work / "git-manifest");
    if (!commits.empty()) {
        write_manifest(environment, "dib-manifest-git-" + image_name(environment), commits);
    }
    return {};
}

} // namespace kiln::element
