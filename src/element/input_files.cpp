#include "element/input_files.hpp"

#include "util/digest.hpp"
#include "util/error.hpp"
#include "util/fd.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <set>

namespace kiln::element {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t k_read_size = 64UL * 1024;

std::string octal_mode(const struct stat& status) {
    std::array<char, 8> text{};
    std::snprintf(text.data(), text.size(), "%o", status.st_mode & 07777U);
    return text.data();
}

/// What can be told of a file that may not be read.
std::string outside_of(const struct stat& status) {
    return "unreadable " + std::to_string(status.st_size) + " " +
           std::to_string(status.st_mtim.tv_sec) + "." + std::to_string(status.st_mtim.tv_nsec);
}

std::string content_or_digest(const std::string& path, const struct stat& status) {
    const util::Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!file.valid()) {
        return outside_of(status);
    }
    util::Digest digest(util::DigestKind::sha256);
    std::vector<char> block(k_read_size);
    for (;;) {
        const ssize_t count = ::read(file.get(), block.data(), block.size());
        if (count == 0) {
            return digest.finish();
        }
        if (count < 0 && errno != EINTR) {
            return outside_of(status);
        }
        if (count > 0) {
            digest.update({block.data(), static_cast<std::size_t>(count)});
        }
    }
}

class InputReader {
public:
    void add(const std::string& path) {
        require_room();

        struct stat status {};

        if (::lstat(path.c_str(), &status) != 0) {
            lines_[path] = errno == ENOENT || errno == ENOTDIR ? "absent" : "unreadable";
        } else if (S_ISLNK(status.st_mode)) {
            add_link(path);
        } else {
            add_plain(path, path, status);
        }
    }

    std::map<std::string, std::string> take() { return std::move(lines_); }

private:
    void require_room() const {
        if (lines_.size() >= k_most_input_files) {
            throw util::Error({.what = "hooks declare more than " +
                                       std::to_string(k_most_input_files) + " files as inputs",
                               .hint = "name smaller folders in their lines 'kiln-inputs:'",
                               .code = util::ExitCode::usage});
        }
    }

    void add_link(const std::string& path) {
        std::error_code error;
        const std::string text = fs::read_symlink(path, error).string();

        struct stat status {};

        if (::stat(path.c_str(), &status) != 0) {
            lines_[path] = "link " + text + ", broken";
            return;
        }
        add_plain(path, path, status);
        lines_[path] = "link " + text + ", " + lines_[path];
    }

    void add_plain(const std::string& name, const std::string& path, const struct stat& status) {
        if (S_ISREG(status.st_mode)) {
            lines_[name] = "file " + octal_mode(status) + " " + content_or_digest(path, status);
        } else if (S_ISDIR(status.st_mode)) {
            lines_[name] = "folder " + octal_mode(status);
            add_below(path, status);
        } else {
            lines_[name] = "special " + octal_mode(status);
        }
    }

    /// Each folder is entered once: links may lead back.
    void add_below(const std::string& path, const struct stat& status) {
        if (!entered_.emplace(status.st_dev, status.st_ino).second) {
            return;
        }
        std::error_code error;
        fs::directory_iterator entries(path, error);
        if (error) {
            lines_[path] += " " + outside_of(status);
            return;
        }
        std::set<std::string> names;
        for (const fs::directory_entry& entry : entries) {
            names.insert(entry.path().string());
        }
        for (const std::string& name : names) {
            add(name);
        }
    }

    std::map<std::string, std::string> lines_{};
    std::set<std::pair<dev_t, ino_t>> entered_{};
};

} // namespace

std::map<std::string, std::string> describe_input_files(const std::vector<std::string>& paths) {
    InputReader reader;
    for (const std::string& path : paths) {
        reader.add(path);
    }
    return reader.take();
}

std::string digest_of_inputs(const std::vector<std::string>& paths) {
    std::string manifest = "kiln inputs 1\n";
    const auto add = [&manifest](const std::string& text) {
        manifest += std::to_string(text.size());
        manifest += ':';
        manifest += text;
    };
    for (const auto& [path, line] : describe_input_files(paths)) {
        add(path);
        add(line);
    }
    return util::sha256(manifest);
}

} // namespace kiln::element
