#include "inspect/layer_origin.hpp"

#include "util/text.hpp"

#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>

namespace kiln::inspect {
namespace {

/// covers: whatever lower layers have there is hidden.
enum class Answer { wrote, covers, silent, closed };

Answer answer_of_errno() {
    return errno == ENOENT || errno == ENOTDIR ? Answer::silent : Answer::closed;
}

bool has_attribute(const std::string& path, const char* name, std::string_view value) {
    std::array<char, 8> found{};
    const ssize_t size = ::lgetxattr(path.c_str(), name, found.data(), found.size());
    return size >= 0 && (value.empty() ||
                         std::string_view(found.data(), static_cast<std::size_t>(size)) == value);
}

/// Goes down from the top of a layer. No link is followed: what is no folder there (a link, a file,
/// a whiteout) hides what lower layers have below that path. A whiteout at the end was written too.
Answer look_for(const std::string& path, const std::string& folder) {
    std::string here = folder;
    bool opaque = false;
    if (::access(folder.c_str(), F_OK) != 0) {
        return Answer::closed;
    }
    std::vector<std::string> parts = util::split(path, '/');
    for (std::size_t i = 0; i < parts.size(); ++i) {
        here = util::child_path(here, parts[i]);

        struct stat status {};

        if (::lstat(here.c_str(), &status) != 0) {
            const Answer answer = answer_of_errno();
            return answer == Answer::silent && opaque ? Answer::covers : answer;
        }
        if (i + 1 == parts.size()) {
            return Answer::wrote;
        }
        if (!S_ISDIR(status.st_mode)) {
            return Answer::covers;
        }
        opaque = opaque || has_attribute(here, "user.overlay.opaque", "y");
    }
    return Answer::silent;
}

} // namespace

std::optional<std::string> LayerFolders::writer_of(const std::string& path) {
    std::optional<std::string> remover;
    for (auto layer = layers_.rbegin(); layer != layers_.rend(); ++layer) {
        switch (look_for(path, layer->folder)) {
        case Answer::wrote:
            return remover ? remover : layer->title;
        case Answer::covers:
            remover = remover ? remover : layer->title;
            break;
        case Answer::closed:
            closed_ = closed_ ? closed_ : layer->title;
            return std::nullopt;
        case Answer::silent:
            break;
        }
    }
    return std::nullopt;
}

} // namespace kiln::inspect
