#include "store/directory/local_error.hpp"

#include <cerrno>
#include <system_error>

namespace kiln::store {

void throw_local(const std::string& what) {
    const int number = errno;
    const std::string text = what + ": " + std::generic_category().message(number);
    switch (number) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        throw StoreError(Problem::quota,
                         {.what = text, .hint = "make room there, or use another folder"});
    case EACCES:
    case EPERM:
    case EROFS:
        throw StoreError(Problem::forbidden,
                         {.what = text, .hint = "use a folder that this user may write"});
    default:
        throw StoreError(Problem::unavailable, {.what = text});
    }
}

} // namespace kiln::store
