#include "archive/tree_writer.hpp"

#include "archive/attributes.hpp"
#include "archive/data_map.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <map>
#include <optional>

namespace kiln::archive {
namespace {

constexpr std::size_t k_chunk = std::size_t{256} * 1024;

constexpr std::array<std::string_view, 3> k_emptied = {"proc", "sys", "dev"};
constexpr std::string_view k_hooks_tree = "tmp/in_target.d";

std::string link_target(int fd, const std::string& path) {
    std::string target(4096, '\0');
    const ssize_t length = ::readlinkat(fd, "", target.data(), target.size());
    if (length < 0) {
        util::throw_errno("cannot read the link '" + path + "'");
    }
    target.resize(static_cast<std::size_t>(length));
    return target;
}

class Walk {
public:
    Walk(const util::RootDir& tree, const TreeOptions& options, TarWriter& writer)
        : tree_(tree), options_(options), writer_(writer), buffer_(k_chunk, '\0') {}

    /// path: relative to the root, empty for the root itself.
    void add(const std::string& path) {
        const std::optional<struct stat> status = tree_.status(path);
        if (!status || path == k_hooks_tree) {
            return;
        }
        if (S_ISSOCK(status->st_mode)) {
            summary_.left_out.push_back(path);
            return;
        }
        if (!path.empty() || !options_.prefix.empty()) {
            add_entry(path, *status);
        }
        if (!S_ISDIR(status->st_mode) || is_emptied(path)) {
            return;
        }
        for (const std::string& name : tree_.list(path)) {
            add(path.empty() ? name : util::child_path(path, name));
        }
    }

    [[nodiscard]] const TreeSummary& summary() const { return summary_; }

private:
    static bool is_emptied(const std::string& path) {
        return std::find(k_emptied.begin(), k_emptied.end(), path) != k_emptied.end();
    }

    void add_entry(const std::string& path, const struct stat& status) {
        TarEntry entry{.path = options_.prefix + path, .status = status};
        entry.status.st_mtim.tv_sec = std::min(status.st_mtim.tv_sec, options_.epoch);
        entry.hard_link = first_name(entry.path, status);
        ++summary_.files;
        if (!entry.hard_link.empty()) {
            writer_.add(entry);
            return;
        }
        describe(path, entry);
        if (S_ISREG(status.st_mode)) {
            add_file(path, entry);
        } else {
            writer_.add(entry);
        }
    }

    /// The path under which the file was added before; empty when it is new.
    std::string first_name(const std::string& path, const struct stat& status) {
        if (S_ISDIR(status.st_mode) || status.st_nlink < 2) {
            return {};
        }
        const auto [place, is_new] = names_.insert({{status.st_dev, status.st_ino}, path});
        return is_new ? std::string() : place->second;
    }

    void describe(const std::string& path, TarEntry& entry) const {
        const std::optional<util::Fd> fd = tree_.open(path, O_PATH | O_NOFOLLOW);
        if (!fd) {
            throw util::Error({.what = "'" + path + "' vanished from the tree"});
        }
        read_attributes(fd->get(), path, entry);
        if (S_ISLNK(entry.status.st_mode)) {
            entry.target = link_target(fd->get(), path);
        }
    }

    void add_file(const std::string& path, TarEntry& entry) {
        const std::optional<util::Fd> fd = tree_.open(path, O_RDONLY | O_NOFOLLOW);
        if (!fd) {
            throw util::Error({.what = "'" + path + "' vanished from the tree"});
        }
        const auto size = static_cast<std::uint64_t>(entry.status.st_size);
        if (options_.holes == Holes::keep) {
            entry.data = data_map(fd->get(), size, path);
        }
        writer_.add(entry);
        copy(fd->get(), size, path);
    }

    void copy(int fd, std::uint64_t size, const std::string& path) {
        for (std::uint64_t at = 0; at < size;) {
            const std::size_t wanted = std::min<std::uint64_t>(buffer_.size(), size - at);
            const ssize_t count = ::pread(fd, buffer_.data(), wanted, static_cast<off_t>(at));
            if (count < 0 && errno == EINTR) {
                continue;
            }
            if (count <= 0) {
                util::throw_errno("cannot read '" + path + "'");
            }
            writer_.write({buffer_.data(), static_cast<std::size_t>(count)});
            at += static_cast<std::uint64_t>(count);
        }
    }

    const util::RootDir& tree_;
    const TreeOptions& options_;
    TarWriter& writer_;
    std::string buffer_;
    std::map<std::pair<dev_t, ino_t>, std::string> names_;
    TreeSummary summary_;
};

} // namespace

TreeSummary write_tree(const util::RootDir& tree, const TreeOptions& options, TarWriter& writer) {
    Walk walk(tree, options, writer);
    walk.add("");
    return walk.summary();
}

} // namespace kiln::archive
