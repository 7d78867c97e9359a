#include "build/outside_files.hpp"

#include "build/temporary_output.hpp"
#include "catalog/build_record.hpp"
#include "disk/formats.hpp"
#include "disk/raw_copy.hpp"
#include "util/error.hpp"
#include "util/fd.hpp"

#include <fcntl.h>

#include <algorithm>
#include <system_error>

namespace kiln::build {
namespace {

namespace fs = std::filesystem;

bool begins_with(const std::string& text, const std::string& prefix) {
    return text.compare(0, prefix.size(), prefix) == 0;
}

void check_not_an_image(const std::string& name, const BuildOptions& options) {
    for (const disk::ImageFormat format : disk::parse_formats(options.formats)) {
        const std::string image = options.output.filename().string() + "." +
                                  std::string(disk::format_info(format).extension);
        if (name == image || name == image + ".md5" || name == image + ".sha256" ||
            name == catalog::record_path(image)) {
            throw util::Error({.what = "a hook left '" + name +
                                       "' in the output folder, which kiln itself writes",
                               .hint = "let the hook take another name: $IMAGE_NAME.something",
                               .code = util::ExitCode::hook});
        }
    }
}

/// A link could name anything of the host.
void add_tree(const fs::path& source,
              const fs::path& target,
              std::vector<OutsideFile>& files,
              report::Reporter& reporter) {
    const fs::file_type type = fs::symlink_status(source).type();
    if (type == fs::file_type::regular) {
        files.push_back({.source = source, .target = target});
    } else if (type == fs::file_type::directory) {
        for (const fs::directory_entry& entry : fs::directory_iterator(source)) {
            add_tree(entry.path(), target / entry.path().filename(), files, reporter);
        }
    } else {
        reporter.warn("'" + target.string() +
                      "' is not written: only files and folders get out of a build");
    }
}

void place(const std::string& temporary, const fs::path& target) {
    std::error_code error;
    fs::create_directories(target.parent_path(), error);
    if (error) {
        throw util::Error({.what = "cannot make the folder '" + target.parent_path().string() +
                                   "': " + error.message()});
    }
    disk::publish(temporary, target);
}

} // namespace

std::vector<OutsideFile> find_outside_files(const fs::path& folder,
                                            const BuildOptions& options,
                                            report::Reporter& reporter) {
    const std::string prefix = options.output.filename().string() + ".";
    std::vector<OutsideFile> files;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
        const std::string name = entry.path().filename();
        if (!begins_with(name, prefix)) {
            std::string text = "a hook left '";
            text.append(name).append("' in the output folder; only names that begin with '");
            reporter.warn(text.append(prefix).append("' get out of a build"));
            continue;
        }
        check_not_an_image(name, options);
        add_tree(entry.path(), options.output.parent_path() / name, files, reporter);
    }
    std::sort(files.begin(), files.end(), [](const OutsideFile& a, const OutsideFile& b) {
        return a.target.native() < b.target.native();
    });
    return files;
}

OutsideFiles::OutsideFiles(const BuildContext& context, report::Reporter& reporter)
    : folder_(context.options.output.parent_path()) {
    for (const OutsideFile& file : find_outside_files(Paths::k_output, context.options, reporter)) {
        // Beside the image, whose folder is there, whatever the folder of the target.
        const fs::path stand_in = folder_ / (context.options.output.filename().string() + "." +
                                             std::to_string(files_.size()));
        const std::string temporary = new_temporary_output(context, stand_in);
        files_.push_back({.temporary = temporary, .target = file.target});
        // Closed to others until it has the permissions of the source.
        util::open_file(temporary, O_WRONLY | O_CREAT | O_EXCL, 0600);
        disk::copy_sparse(file.source, temporary);
        fs::permissions(temporary, fs::status(file.source).permissions() & fs::perms(0777));
    }
}

std::vector<fs::path> OutsideFiles::targets() const {
    std::vector<fs::path> targets;
    for (const Staged& file : files_) {
        targets.push_back(file.target);
    }
    return targets;
}

std::vector<fs::path> OutsideFiles::publish() const {
    std::vector<fs::path> names;
    for (const Staged& file : files_) {
        place(file.temporary, file.target);
        const fs::path name = folder_ / *file.target.lexically_relative(folder_).begin();
        if (names.empty() || names.back() != name) {
            names.push_back(name);
        }
    }
    return names;
}

} // namespace kiln::build
