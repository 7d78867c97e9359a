#include "sandbox/left_mounts.hpp"

#include "sandbox/mount.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <set>
#include <sstream>

namespace kiln::sandbox {
namespace {

/// SCM_MAX_FD of the kernel.
constexpr std::size_t k_most_mounts = 253;
constexpr std::size_t k_longest_message = std::size_t{1024} * 1024;

/// What every hook gets anew.
constexpr std::array<const char*, 3> k_given = {"dev", "proc", "sys"};

/// One line of /proc/self/mountinfo, proc(5).
struct MountLine {
    std::string device;
    /// What of the file system is seen there.
    std::string root;
    std::string place;
};

/// Blanks and others are written as \ooo.
std::string unescape(const std::string& text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 3 < text.size()) {
            result += static_cast<char>(std::stoi(text.substr(i + 1, 3), nullptr, 8));
            i += 3;
        } else {
            result += text[i];
        }
    }
    return result;
}

MountLine parse_line(const std::string& line) {
    MountLine mount;
    std::istringstream words(line);
    std::string word;
    words >> word >> word >> mount.device >> mount.root >> mount.place;
    mount.root = unescape(mount.root);
    mount.place = unescape(mount.place);
    return mount;
}

std::vector<MountLine> mount_lines() {
    std::vector<MountLine> mounts;
    for (const std::string& line : util::split(util::read_file("/proc/self/mountinfo"), '\n')) {
        if (!line.empty()) {
            mounts.push_back(parse_line(line));
        }
    }
    return mounts;
}

bool is_below(const std::string& path, const std::string& root) {
    return path.starts_with(root + "/");
}

bool is_given(const std::string& place, const std::string& root) {
    return std::any_of(k_given.begin(), k_given.end(), [&](const char* name) {
        const std::string given = root + "/" + name;
        return place == given || is_below(place, given);
    });
}

/// Another way to what is mounted, on the host.
std::optional<std::string>
source_of(const MountLine& mount, const std::vector<MountLine>& all, const std::string& folder) {
    for (const MountLine& other : all) {
        const bool is_kept = is_below(other.place, folder);
        if (is_kept || other.device != mount.device) {
            continue;
        }
        const std::string base = other.root == "/" ? "" : other.root;
        if (mount.root == other.root) {
            return other.place;
        }
        if (is_below(mount.root, base)) {
            return (other.place == "/" ? "" : other.place) + mount.root.substr(base.size());
        }
    }
    return std::nullopt;
}

util::Fd clone_mount(const std::string& place) {
    const unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE | AT_NO_AUTOMOUNT;
    return util::Fd(::open_tree(AT_FDCWD, place.c_str(), flags));
}

/// One message: the paths, each with a NUL at its end, and the descriptors in the same order.
struct Message {
    std::string text;
    iovec data{};
    std::array<char, CMSG_SPACE(k_most_mounts * sizeof(int))> control{};
    msghdr header{};

    void prepare(std::size_t descriptors) {
        data = {.iov_base = text.data(), .iov_len = text.size()};
        header.msg_iov = &data;
        header.msg_iovlen = 1;
        header.msg_control = control.data();
        header.msg_controllen = CMSG_SPACE(descriptors * sizeof(int));
    }
};

std::vector<util::Fd> descriptors_of(msghdr& header) {
    std::vector<util::Fd> descriptors;
    for (cmsghdr* part = CMSG_FIRSTHDR(&header); part != nullptr;
         part = CMSG_NXTHDR(&header, part)) {
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) {
            continue;
        }
        const std::size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (std::size_t i = 0; i < count; ++i) {
            int fd = -1;
            std::memcpy(&fd, CMSG_DATA(part) + i * sizeof(int), sizeof(int));
            descriptors.emplace_back(fd);
        }
    }
    return descriptors;
}

} // namespace

std::vector<LeftMount> mounts_below(const std::string& root) {
    const std::vector<MountLine> all = mount_lines();
    std::set<std::string> tree_devices;
    for (const MountLine& mount : all) {
        if (mount.place == root) {
            tree_devices.insert(mount.device);
        }
    }
    std::vector<LeftMount> found;
    std::string last;
    for (const MountLine& mount : all) {
        // A mount below one that was taken comes with it.
        if (!is_below(mount.place, root) || (!last.empty() && is_below(mount.place, last)) ||
            is_given(mount.place, root) || tree_devices.count(mount.device) > 0) {
            continue;
        }
        if (util::Fd copy = clone_mount(mount.place); copy.valid()) {
            found.push_back(
                {.path = mount.place.substr(root.size() + 1), .mount = std::move(copy)});
            last = mount.place;
        }
    }
    return found;
}

bool send_mounts(int socket, const std::vector<LeftMount>& mounts) {
    if (mounts.empty() || mounts.size() > k_most_mounts) {
        return mounts.empty();
    }
    Message message;
    std::vector<int> descriptors;
    for (const LeftMount& mount : mounts) {
        message.text.append(mount.path).push_back('\0');
        descriptors.push_back(mount.mount.get());
    }
    message.prepare(descriptors.size());
    cmsghdr* part = CMSG_FIRSTHDR(&message.header);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(descriptors.size() * sizeof(int));
    std::memcpy(CMSG_DATA(part), descriptors.data(), descriptors.size() * sizeof(int));
    return ::sendmsg(socket, &message.header, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;
}

std::vector<LeftMount> receive_mounts(int socket) {
    Message message;
    message.text.resize(k_longest_message);
    message.prepare(k_most_mounts);
    const ssize_t size = ::recvmsg(socket, &message.header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (size <= 0) {
        return {};
    }
    message.text.resize(static_cast<std::size_t>(size));
    std::vector<util::Fd> descriptors = descriptors_of(message.header);
    const std::vector<std::string> paths = util::split(message.text, '\0');
    std::vector<LeftMount> mounts;
    for (std::size_t i = 0; i < std::min(paths.size(), descriptors.size()); ++i) {
        mounts.push_back({.path = paths[i], .mount = std::move(descriptors[i])});
    }
    return mounts;
}

void LeftMounts::attach(const util::RootDir& tree) const {
    for (const Kept& kept : kept_) {
        if (const std::optional<util::Fd> place = tree.open(kept.path, O_PATH)) {
            bind(kept.place, descriptor_path(*place), Access::read_write);
        }
    }
}

void LeftMounts::replace(const std::vector<LeftMount>& mounts) {
    drop_all();
    for (const LeftMount& mount : mounts) {
        const std::string place = folder_ + "/" + std::to_string(kept_.size());
        struct stat info = {};
        if (::fstat(mount.mount.get(), &info) != 0) {
            continue;
        }
        if (S_ISDIR(info.st_mode)) {
            std::filesystem::create_directories(place);
        } else {
            std::filesystem::create_directories(folder_);
            util::open_file(place, O_WRONLY | O_CREAT);
        }
        if (::move_mount(mount.mount.get(), "", AT_FDCWD, place.c_str(), MOVE_MOUNT_F_EMPTY_PATH) !=
            0) {
            util::throw_errno({.what = "cannot keep what a hook mounted on '" + mount.path + "'",
                               .code = util::ExitCode::tool});
        }
        kept_.push_back({.path = mount.path, .place = place});
    }
}

void LeftMounts::drop_all() {
    for (const Kept& kept : kept_) {
        unmount(kept.place);
        std::error_code ignored;
        std::filesystem::remove(kept.place, ignored);
    }
    kept_.clear();
}

std::optional<std::vector<BoundPlace>> LeftMounts::sources() const {
    std::vector<BoundPlace> places;
    const std::vector<MountLine> all = mount_lines();
    for (const Kept& kept : kept_) {
        const auto mount = std::find_if(all.begin(), all.end(), [&](const MountLine& line) {
            return line.place == kept.place;
        });
        const auto source = mount == all.end() ? std::nullopt : source_of(*mount, all, folder_);
        if (!source) {
            return std::nullopt;
        }
        places.push_back({.path = kept.path, .source = *source});
    }
    return places;
}

bool LeftMounts::restore(const std::vector<BoundPlace>& places) {
    std::vector<LeftMount> mounts;
    for (const BoundPlace& place : places) {
        util::Fd copy = clone_mount(place.source);
        if (!copy.valid()) {
            return false;
        }
        mounts.push_back({.path = place.path, .mount = std::move(copy)});
    }
    replace(mounts);
    return true;
}

} // namespace kiln::sandbox
