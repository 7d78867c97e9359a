#include "cache/whole_file.hpp"

#include "util/error.hpp"
#include "util/fd.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace kiln::cache {

void write_whole_file(const std::string& path, const std::string& content) {
    // Not after the process: builds number theirs anew, each in a namespace of its own.
    std::string draft = path + ".draft-XXXXXX";
    const util::Fd fd(::mkostemp(draft.data(), O_CLOEXEC));
    if (!fd.valid()) {
        util::throw_errno("cannot write '" + path + "'");
    }
    try {
        util::write_all(fd.get(), content, draft);
        if (::rename(draft.c_str(), path.c_str()) != 0) {
            util::throw_errno("cannot write '" + path + "'");
        }
    } catch (...) {
        ::unlink(draft.c_str());
        throw;
    }
}

} // namespace kiln::cache
