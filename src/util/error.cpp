#include "util/error.hpp"

#include <cerrno>
#include <filesystem>
#include <new>
#include <system_error>
#include <utility>

namespace kiln::util {
namespace {

void add_space_hint(ErrorInfo& info, int number) {
    if (number == ENOSPC && info.hint.empty()) {
        info.hint = "free some space there, or choose another place with --work-dir or -o";
    }
}

ErrorInfo info_of_filesystem(const std::filesystem::filesystem_error& error) {
    ErrorInfo info = {.what =
                          "cannot use '" + error.path1().string() + "': " + error.code().message()};
    add_space_hint(info, error.code().value());
    return info;
}

} // namespace

Error::Error(ErrorInfo info) : info_(std::move(info)) {}

void Error::add_context(std::string place) {
    info_.where.insert(info_.where.begin(), std::move(place));
}

ErrorInfo info_of(const std::exception& error) {
    if (const auto* own = dynamic_cast<const Error*>(&error)) {
        return own->info();
    }
    if (const auto* filesystem = dynamic_cast<const std::filesystem::filesystem_error*>(&error)) {
        return info_of_filesystem(*filesystem);
    }
    if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr) {
        return {.what = "out of memory", .hint = "look at: free -h"};
    }
    return {.what = error.what(), .hint = "this is a fault of kiln's; please report it"};
}

void throw_errno(std::string what) {
    throw_errno(ErrorInfo{.what = std::move(what)});
}

void throw_errno(ErrorInfo info) {
    const int number = errno;
    info.what += ": " + std::generic_category().message(number);
    add_space_hint(info, number);
    throw Error(std::move(info));
}

} // namespace kiln::util
