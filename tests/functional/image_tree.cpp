#include "image_tree.hpp"

#include "process/posix_runner.hpp"
#include "util/digest.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

#include <nlohmann/json.hpp>

#include <ext2fs/ext2fs.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstdio>

namespace kiln::tests {
namespace {

void check(errcode_t code, const std::string& what) {
    if (code != 0) {
        throw util::Error({.what = what + ": " + ::error_message(code)});
    }
}

/// An ext file system in a file, opened for reading.
class Reader {
public:
    Reader(const std::string& image, std::uint64_t offset) {
        const std::string options = "offset=" + std::to_string(offset);
        check(::ext2fs_open2(image.c_str(),
                             offset == 0 ? nullptr : options.c_str(),
                             EXT2_FLAG_64BITS,
                             0,
                             0,
                             unix_io_manager,
                             &filesystem_),
              "cannot open " + image);
    }

    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;
    Reader(Reader&&) = delete;
    Reader& operator=(Reader&&) = delete;

    ~Reader() { ::ext2fs_close_free(&filesystem_); }

    void add(ext2_ino_t number, const std::string& path, Tree& tree) {
        const ext2_inode inode = inode_of(number);
        tree[path.empty() ? "/" : path] = describe(number, inode);
        if (!LINUX_S_ISDIR(inode.i_mode)) {
            return;
        }
        for (const auto& [name, child] : list(number)) {
            if (name != "." && name != ".." && path + "/" + name != "/lost+found") {
                add(child, path + "/" + name, tree);
            }
        }
    }

    std::optional<std::string> content_of(const std::string& path) {
        ext2_ino_t number = 0;
        if (::ext2fs_namei(filesystem_, EXT2_ROOT_INO, EXT2_ROOT_INO, path.c_str(), &number) != 0) {
            return std::nullopt;
        }
        return content(number, inode_of(number));
    }

private:
    ext2_inode inode_of(ext2_ino_t number) {
        ext2_inode inode = {};
        check(::ext2fs_read_inode(filesystem_, number, &inode), "cannot read an inode");
        return inode;
    }

    std::map<std::string, ext2_ino_t> list(ext2_ino_t directory) {
        std::map<std::string, ext2_ino_t> entries;
        const auto take = [](ext2_dir_entry* entry, int, int, char*, void* data) {
            const auto length = static_cast<std::size_t>(::ext2fs_dirent_name_len(entry));
            static_cast<std::map<std::string, ext2_ino_t>*>(data)->emplace(
                std::string(static_cast<const char*>(entry->name), length), entry->inode);
            return 0;
        };
        check(::ext2fs_dir_iterate(filesystem_, directory, 0, nullptr, take, &entries),
              "cannot list a folder");
        return entries;
    }

    std::string content(ext2_ino_t number, const ext2_inode& inode) {
        ext2_file_t file = nullptr;
        check(::ext2fs_file_open(filesystem_, number, 0, &file), "cannot open a file");
        std::string bytes(EXT2_I_SIZE(&inode), '\0');
        unsigned got = 0;
        const errcode_t code =
            ::ext2fs_file_read(file, bytes.data(), static_cast<unsigned>(bytes.size()), &got);
        ::ext2fs_file_close(file);
        check(code, "cannot read a file");
        bytes.resize(got);
        return bytes;
    }

    std::string link_target(ext2_ino_t number, ext2_inode& inode) {
        if (::ext2fs_is_fast_symlink(&inode) != 0) {
            // The target stands where block numbers would.
            return {reinterpret_cast<const char*>(inode.i_block), EXT2_I_SIZE(&inode)};
        }
        return content(number, inode);
    }

    std::string attributes(ext2_ino_t number) {
        ext2_xattr_handle* handle = nullptr;
        check(::ext2fs_xattrs_open(filesystem_, number, &handle), "cannot open attributes");
        std::map<std::string, std::string> values;
        const auto take = [](char* name, char* value, size_t length, void* data) {
            (*static_cast<std::map<std::string, std::string>*>(data))[name] =
                std::string(value, length);
            return 0;
        };
        errcode_t code = ::ext2fs_xattrs_read(handle);
        code = code != 0 ? code : ::ext2fs_xattrs_iterate(handle, take, &values);
        ::ext2fs_xattrs_close(&handle);
        check(code, "cannot read attributes");
        std::string text;
        for (const auto& [name, value] : values) {
            text += " " + name + "=";
            for (const char character : value) {
                const auto byte = static_cast<unsigned char>(character);
                std::array<char, 3> digits{};
                std::snprintf(digits.data(), digits.size(), "%02x", byte);
                text += digits.data();
            }
        }
        return text;
    }

    std::string describe(ext2_ino_t number, ext2_inode inode) {
        const unsigned user = inode.i_uid | (unsigned{inode.osd2.linux2.l_i_uid_high} << 16U);
        const unsigned group = inode.i_gid | (unsigned{inode.osd2.linux2.l_i_gid_high} << 16U);
        std::array<char, 64> head{};
        std::snprintf(head.data(),
                      head.size(),
                      "%06o %u:%u links=%u",
                      unsigned{inode.i_mode},
                      user,
                      group,
                      unsigned{inode.i_links_count});
        std::string text = head.data();
        if (LINUX_S_ISREG(inode.i_mode)) {
            util::Digest digest(util::DigestKind::md5);
            digest.update(content(number, inode));
            text += " size=" + std::to_string(EXT2_I_SIZE(&inode)) + " md5=" + digest.finish();
        } else if (LINUX_S_ISLNK(inode.i_mode)) {
            text += " -> " + link_target(number, inode);
        } else if (!LINUX_S_ISDIR(inode.i_mode)) {
            text += " device=" + std::to_string(inode.i_block[0]) + "," +
                    std::to_string(inode.i_block[1]);
        }
        return text + attributes(number);
    }

    ext2_filsys filesystem_ = nullptr;
};

} // namespace

Tree read_image(const std::string& image, std::uint64_t offset) {
    Tree tree;
    Reader(image, offset).add(EXT2_ROOT_INO, "", tree);
    return tree;
}

std::optional<std::string>
read_from_image(const std::string& image, const std::string& path, std::uint64_t offset) {
    return Reader(image, offset).content_of(path);
}

std::vector<std::string> differences(const Tree& left, const Tree& right) {
    std::vector<std::string> lines;
    const auto value = [](const Tree& tree, const std::string& path) {
        const auto found = tree.find(path);
        return found == tree.end() ? std::string("nothing") : found->second;
    };
    Tree all = left;
    all.insert(right.begin(), right.end());
    for (const auto& [path, ignored] : all) {
        if (value(left, path) != value(right, path)) {
            lines.push_back(path + ": " + value(left, path) + " <> " + value(right, path));
        }
    }
    return lines;
}

std::uint64_t last_partition(const std::string& image) {
    const nlohmann::json table = nlohmann::json::parse(ask({"sfdisk", "--json", image}).text);
    std::uint64_t start = 0;
    for (const nlohmann::json& partition : table.at("partitiontable").at("partitions")) {
        start = std::max(start, partition.at("start").get<std::uint64_t>());
    }
    return start * 512;
}

Answer ask(const std::vector<std::string>& argv) {
    process::PosixRunner runner;
    const process::Result result =
        runner.run({.argv = argv,
                    .environment = {{"PATH", "/usr/sbin:/usr/bin:/sbin:/bin"}, {"LC_ALL", "C"}},
                    .timeout = std::chrono::seconds(60)});
    return {.exit_code = result.exit_code, .text = result.out + result.err};
}

} // namespace kiln::tests
