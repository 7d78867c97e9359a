#include "util/temp_dir.hpp"

#include "util/error.hpp"

#include <cstdlib>
#include <system_error>
#include <utility>

namespace kiln::util {

TempDir::TempDir(const std::filesystem::path& parent, const std::string& prefix) {
    std::string name = (parent / (prefix + "XXXXXX")).string();
    if (::mkdtemp(name.data()) == nullptr) {
        throw_errno("cannot make a folder in '" + parent.string() + "'");
    }
    path_ = name;
}

TempDir::TempDir(TempDir&& other) noexcept : path_(other.release()) {}

TempDir::~TempDir() {
    if (!path_.empty()) {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
}

std::filesystem::path TempDir::release() noexcept {
    return std::exchange(path_, {});
}

} // namespace kiln::util
