#include "element/hooks_snapshot.hpp"

#include "util/digest.hpp"
#include "util/error.hpp"
#include "util/fd.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <ctime>
#include <vector>

namespace kiln::element {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t k_block = 64UL * 1024;
/// A change this close before the reading may leave the times as they are: kernels stamp files with
/// the tick before.
constexpr std::time_t k_unsettled_seconds = 2;

bool same_time(const timespec& left, const timespec& right) {
    return left.tv_sec == right.tv_sec && left.tv_nsec == right.tv_nsec;
}

bool same_file(const struct stat& left, const struct stat& right) {
    return left.st_dev == right.st_dev && left.st_ino == right.st_ino &&
           left.st_size == right.st_size && left.st_mode == right.st_mode &&
           same_time(left.st_mtim, right.st_mtim) && same_time(left.st_ctim, right.st_ctim);
}

bool is_settled(const struct stat& status, std::time_t now) {
    return status.st_ctim.tv_sec + k_unsettled_seconds < now &&
           status.st_mtim.tv_sec + k_unsettled_seconds < now;
}

struct stat status_of(const fs::path& path) {
    struct stat status {};

    if (::lstat(path.c_str(), &status) != 0) {
        util::throw_errno("cannot look at '" + path.string() + "'");
    }
    return status;
}

/// Reads one block; empty at the end.
std::string_view read_block(const util::Fd& file, std::vector<char>& block, const fs::path& path) {
    ssize_t count = 0;
    do {
        count = ::read(file.get(), block.data(), block.size());
    } while (count < 0 && errno == EINTR);
    if (count < 0) {
        util::throw_errno("cannot read '" + path.string() + "'");
    }
    return {block.data(), static_cast<std::size_t>(count)};
}

HooksEntry read_file(const fs::path& path) {
    const util::Fd file = util::open_file(path.string(), O_RDONLY | O_NOFOLLOW);
    util::Digest digest(util::DigestKind::sha256);
    std::string text;
    bool is_text = true;
    std::vector<char> block(k_block);
    for (std::string_view data; !(data = read_block(file, block, path)).empty();) {
        digest.update(data);
        is_text = is_text && text.size() + data.size() <= k_longest_text &&
                  data.find('\0') == std::string_view::npos;
        if (is_text) {
            text.append(data);
        }
    }
    HooksEntry entry{.kind = HooksEntryKind::regular, .digest = digest.finish()};
    if (is_text) {
        entry.text = std::make_shared<const std::string>(std::move(text));
    }
    return entry;
}

HooksEntry read_entry(const fs::path& path, const struct stat& status) {
    HooksEntry entry;
    if (S_ISREG(status.st_mode)) {
        entry = read_file(path);
    } else if (S_ISLNK(status.st_mode)) {
        return {.kind = HooksEntryKind::link, .digest = fs::read_symlink(path).string()};
    } else if (S_ISDIR(status.st_mode)) {
        entry.kind = HooksEntryKind::directory;
    }
    entry.mode = status.st_mode & 07777U;
    return entry;
}

} // namespace

std::string HooksEntry::describe() const {
    if (kind == HooksEntryKind::link) {
        return "link " + digest;
    }
    std::array<char, 8> octal{};
    std::snprintf(octal.data(), octal.size(), "%o", mode);
    switch (kind) {
    case HooksEntryKind::regular:
        return std::string("file ") + octal.data() + " " + digest;
    case HooksEntryKind::directory:
        return std::string("directory ") + octal.data();
    default:
        return std::string("other ") + octal.data();
    }
}

HooksSnapshot::HooksSnapshot(std::filesystem::path root) : root_(std::move(root)) {
    refresh();
}

void HooksSnapshot::refresh() {
    const std::time_t now = std::time(nullptr);
    std::map<std::string, HooksEntry> entries;
    std::map<std::string, Known> known;
    for (const fs::directory_entry& found : fs::recursive_directory_iterator(root_)) {
        const std::string path = found.path().lexically_relative(root_).string();
        const struct stat status = status_of(found.path());
        const auto before = known_.find(path);
        const bool same = before != known_.end() && before->second.settled &&
                          same_file(before->second.status, status);
        entries[path] = same ? entries_.at(path) : read_entry(found.path(), status);
        known[path] = {.status = status, .settled = is_settled(status, now)};
    }
    entries_ = std::move(entries);
    known_ = std::move(known);
}

const HooksEntry* HooksSnapshot::find(const std::string& path) const {
    const auto found = entries_.find(path);
    return found == entries_.end() ? nullptr : &found->second;
}

} // namespace kiln::element
