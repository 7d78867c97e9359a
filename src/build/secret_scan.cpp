#include "build/secret_scan.hpp"

#include "util/error.hpp"
#include "util/fd.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>

namespace kiln::build {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t k_block = std::size_t{1024} * 1024;

struct Trace {
    std::string text;
    const process::Secret* secret;
};

/// Blocks of a file, each with the end of the one before, so that nothing is cut.
class FileWindow {
public:
    FileWindow(const fs::path& path, std::size_t overlap)
        : path_(path), fd_(util::open_file(path, O_RDONLY | O_NOFOLLOW)), overlap_(overlap) {}

    /// Empty at the end.
    std::string_view next(std::string& buffer) {
        const std::size_t kept = std::min(overlap_, size_);
        buffer.resize(k_block + overlap_);
        std::copy(buffer.begin() + static_cast<std::ptrdiff_t>(size_ - kept),
                  buffer.begin() + static_cast<std::ptrdiff_t>(size_),
                  buffer.begin());
        const ssize_t count = ::read(fd_.get(), buffer.data() + kept, k_block);
        if (count < 0) {
            util::throw_errno("cannot read '" + path_.string() + "'");
        }
        size_ = kept + static_cast<std::size_t>(count);
        return count == 0 ? std::string_view{} : std::string_view(buffer.data(), size_);
    }

private:
    fs::path path_;
    util::Fd fd_;
    std::size_t overlap_;
    std::size_t size_ = 0;
};

class Scan {
public:
    Scan(fs::path tree, const std::vector<process::Secret>& secrets) : tree_(std::move(tree)) {
        for (const process::Secret& secret : secrets) {
            for (std::string& text : process::traces_of(secret.value)) {
                overlap_ = std::max(overlap_, text.size());
                traces_.push_back({std::move(text), &secret});
            }
        }
    }

    std::vector<LeakedSecret> run() {
        for (const fs::directory_entry& entry : fs::recursive_directory_iterator(tree_)) {
            // A link may go round in a circle.
            if (entry.symlink_status().type() == fs::file_type::regular) {
                look_at(entry.path());
            }
        }
        return std::move(leaks_);
    }

private:
    void look_at(const fs::path& path) {
        FileWindow window(path, overlap_);
        for (std::string_view text = window.next(buffer_); !text.empty();
             text = window.next(buffer_)) {
            for (const Trace& trace : traces_) {
                if (text.find(trace.text) != std::string_view::npos) {
                    leaks_.push_back(
                        {trace.secret->variable, "/" + path.lexically_relative(tree_).string()});
                    return;
                }
            }
        }
    }

    fs::path tree_;
    std::vector<Trace> traces_{};
    std::size_t overlap_ = 0;
    std::string buffer_{};
    std::vector<LeakedSecret> leaks_{};
};

} // namespace

std::vector<LeakedSecret> find_secrets(const fs::path& tree,
                                       const std::vector<process::Secret>& secrets) {
    return secrets.empty() ? std::vector<LeakedSecret>{} : Scan(tree, secrets).run();
}

void require_no_secrets(const std::vector<LeakedSecret>& leaks) {
    if (leaks.empty()) {
        return;
    }
    std::vector<std::string> lines;
    lines.reserve(leaks.size());
    for (const LeakedSecret& leak : leaks) {
        lines.push_back(leak.path + " holds the value of " + leak.variable);
    }
    throw util::Error({.what = "the image would hold the value of the secret variable '" +
                               leaks.front().variable + "' in '" + leaks.front().path + "'",
                       .hint = "let no element write it there; if it shall be in the image, name "
                               "the variable in KILN_ALLOWED_SECRETS",
                       .code = util::ExitCode::hook,
                       .excerpt = std::move(lines)});
}

} // namespace kiln::build
