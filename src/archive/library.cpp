#include "archive/library.hpp"

#include "util/error.hpp"

#include <archive.h>

#include <cerrno>

namespace kiln::archive {

void check(int status, ::archive* handle, const std::string& path) {
    if (status >= ARCHIVE_WARN) {
        return;
    }
    const int number = ::archive_errno(handle);
    if (number == ENOSPC || number == EDQUOT) {
        throw util::Error({.what = "disk full: cannot write '" + path + "'",
                           .hint = "make room there, or choose another place for the output"});
    }
    const char* text = ::archive_error_string(handle);
    throw util::Error({.what = "cannot write '" + path +
                               "': " + (text == nullptr ? "libarchive gives no reason" : text)});
}

} // namespace kiln::archive
