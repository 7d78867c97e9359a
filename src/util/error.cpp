#include "util/error.hpp"

#include <cerrno>
#include <system_error>
#include <utility>

namespace kiln::util {

Error::Error(ErrorInfo info) : info_(std::move(info)) {}

void Error::add_context(std::string place) {
    info_.where.insert(info_.where.begin(), std::move(place));
}

void throw_errno(std::string what) {
    throw_errno(ErrorInfo{.what = std::move(what)});
}

void throw_errno(ErrorInfo info) {
    const int number = errno;
    info.what += ": " + std::generic_category().message(number);
    if (number == ENOSPC && info.hint.empty()) {
        info.hint = "free some space there, or choose another place with --work-dir or -o";
    }
    throw Error(std::move(info));
}

} // namespace kiln::util
