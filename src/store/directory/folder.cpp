#include "store/directory/folder.hpp"

#include "store/directory/local_error.hpp"
#include "util/atomic_file.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

namespace kiln::store {
namespace {

namespace fs = std::filesystem;

constexpr const char* k_readme =
    R"(Images that kiln keeps. files/ has their data, one file an image, under its id; names/ has
links with the names that people know, to the newest image of each name that is active and not
hidden. What else is known of an image is in index.sqlite, also which files count: please change
images with kiln, not with rm or mv, and copy the whole folder while kiln does not run.

To look at it: sqlite3 index.sqlite 'select * from overview'. The tables are images, tags,
properties and removed. A file that ends in .part is being uploaded, or will be cleared away by
the next kiln that opens this folder.
)";

/// One level at a time, so that the error names what is in the way.
void make_folder(const fs::path& path) {
    std::error_code ignored;
    if (fs::is_directory(path, ignored)) {
        return;
    }
    if (path.has_parent_path() && path.parent_path() != path) {
        make_folder(path.parent_path());
    }
    if (::mkdir(path.c_str(), 0755) == 0 || (errno == EEXIST && fs::is_directory(path, ignored))) {
        return;
    }
    if (errno == EEXIST || errno == ENOTDIR) {
        throw StoreError(Problem::invalid,
                         {.what = "'" + path.string() + "' is no folder",
                          .hint = "give a folder for the images; it is made if it is missing",
                          .code = util::ExitCode::usage});
    }
    throw_local("cannot make folder '" + path.string() + "'");
}

void write_readme(const std::string& path) {
    if (::access(path.c_str(), F_OK) == 0) {
        return;
    }
    try {
        util::write_file_atomically(path, k_readme);
    } catch (const util::Error&) {
        throw_local("cannot write '" + path + "'");
    }
}

std::string without_trailing_slashes(std::string path) {
    while (path.size() > 1 && path.back() == '/') {
        path.pop_back();
    }
    return path;
}

} // namespace

Folder::Folder(std::string path) : path_(without_trailing_slashes(std::move(path))) {
    if (path_.empty()) {
        throw StoreError(
            Problem::invalid,
            {.what = "no folder for the images is named", .code = util::ExitCode::usage});
    }
    make_folder(files());
    make_folder(names());
    write_readme(path_ + "/README");
}

} // namespace kiln::store
