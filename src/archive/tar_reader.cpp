#include "archive/tar_reader.hpp"

#include "archive/acl_attribute.hpp"
#include "archive/utf8_locale.hpp"
#include "util/error.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <optional>
#include <vector>

namespace kiln::archive {
namespace {

using util::EntryType;
using util::TreeEntry;
using Archive = std::unique_ptr<struct archive, int (*)(struct archive*)>;

constexpr std::uint64_t k_free_of_ratio = std::uint64_t{1024} * 1024 * 1024;

/// The bytes of a source, asked for by libarchive.
struct Feed {
    const TarSource& source;
    std::array<char, 65536> buffer{};
};

ssize_t fail_feed(struct archive* reader, int number, const char* text) {
    archive_set_error(reader, number, "%s", text);
    return -1;
}

la_ssize_t feed(struct archive* reader, void* context, const void** bytes) {
    Feed& self = *static_cast<Feed*>(context);
    pollfd ready = {self.source.fd, POLLIN, 0};
    const auto patience = static_cast<int>(self.source.patience.count());
    int found = 0;
    do {
        found = ::poll(&ready, 1, patience);
    } while (found < 0 && errno == EINTR);
    if (found == 0) {
        return fail_feed(reader, ETIMEDOUT, "nothing came for too long");
    }
    ssize_t count = 0;
    do {
        count = ::read(self.source.fd, self.buffer.data(), self.buffer.size());
    } while (count < 0 && errno == EINTR);
    *bytes = self.buffer.data();
    return count < 0 ? fail_feed(reader, errno, "cannot be read") : count;
}

std::string text_of(const char* text) {
    return text == nullptr ? "" : text;
}

EntryType type_of(archive_entry* raw) {
    if (archive_entry_hardlink(raw) != nullptr) {
        return EntryType::hard_link;
    }
    switch (archive_entry_filetype(raw)) {
    case AE_IFREG:
        return EntryType::regular;
    case AE_IFDIR:
        return EntryType::directory;
    case AE_IFLNK:
        return EntryType::symlink;
    case AE_IFIFO:
        return EntryType::fifo;
    case AE_IFSOCK:
        return EntryType::socket;
    default:
        return EntryType::device;
    }
}

std::optional<AclTag> acl_tag(int tag) {
    switch (tag) {
    case ARCHIVE_ENTRY_ACL_USER_OBJ:
        return AclTag::user_obj;
    case ARCHIVE_ENTRY_ACL_USER:
        return AclTag::user;
    case ARCHIVE_ENTRY_ACL_GROUP_OBJ:
        return AclTag::group_obj;
    case ARCHIVE_ENTRY_ACL_GROUP:
        return AclTag::group;
    case ARCHIVE_ENTRY_ACL_MASK:
        return AclTag::mask;
    case ARCHIVE_ENTRY_ACL_OTHER:
        return AclTag::other;
    default:
        return std::nullopt;
    }
}

bool names_someone(AclTag tag) {
    return tag == AclTag::user || tag == AclTag::group;
}

void add_acl(archive_entry* raw, int type, const std::string& name, TreeEntry& entry) {
    std::vector<AclEntry> found;
    int kind = 0;
    int permissions = 0;
    int tag = 0;
    int id = 0;
    const char* who = nullptr;
    if (archive_entry_acl_reset(raw, type) == 0) {
        return;
    }
    while (archive_entry_acl_next(raw, type, &kind, &permissions, &tag, &id, &who) == ARCHIVE_OK) {
        const std::optional<AclTag> known = acl_tag(tag);
        if (!known || (names_someone(*known) && id < 0)) {
            throw util::Error({.what = "the ACL of '" + entry.path +
                                       "' is of an unknown kind, or names someone without an id"});
        }
        found.push_back({.tag = *known,
                         .permissions = static_cast<std::uint16_t>(permissions & 7),
                         .id = static_cast<std::uint32_t>(id)});
    }
    entry.attributes.push_back({.name = name, .value = acl_attribute(std::move(found))});
}

bool has_attribute(const TreeEntry& entry, const std::string& name) {
    return std::any_of(entry.attributes.begin(),
                       entry.attributes.end(),
                       [&name](const auto& attribute) { return attribute.name == name; });
}

void add_attributes(archive_entry* raw, TreeEntry& entry) {
    const char* name = nullptr;
    const void* value = nullptr;
    std::size_t size = 0;
    archive_entry_xattr_reset(raw);
    while (archive_entry_xattr_next(raw, &name, &value, &size) == ARCHIVE_OK) {
        entry.attributes.push_back(
            {.name = text_of(name), .value = std::string(static_cast<const char*>(value), size)});
    }
    // GNU tar writes both; the text may have names instead of ids, the attribute has not.
    const std::string access = "system.posix_acl_access";
    if (!has_attribute(entry, access)) {
        add_acl(raw, ARCHIVE_ENTRY_ACL_TYPE_ACCESS, access, entry);
    }
    const std::string inherited = "system.posix_acl_default";
    if (!has_attribute(entry, inherited)) {
        add_acl(raw, ARCHIVE_ENTRY_ACL_TYPE_DEFAULT, inherited, entry);
    }
}

std::string target_of(archive_entry* raw, EntryType type) {
    if (type == EntryType::device) {
        return std::string(archive_entry_filetype(raw) == AE_IFBLK ? "b " : "c ") +
               std::to_string(archive_entry_rdevmajor(raw)) + ":" +
               std::to_string(archive_entry_rdevminor(raw));
    }
    return text_of(type == EntryType::hard_link ? archive_entry_hardlink(raw)
                                                : archive_entry_symlink(raw));
}

TreeEntry to_entry(archive_entry* raw) {
    TreeEntry entry;
    entry.path = text_of(archive_entry_pathname(raw));
    entry.type = type_of(raw);
    entry.target = target_of(raw, entry.type);
    entry.mode = archive_entry_perm(raw);
    entry.user = static_cast<std::uint64_t>(archive_entry_uid(raw));
    entry.group = static_cast<std::uint64_t>(archive_entry_gid(raw));
    entry.modified = {.seconds = archive_entry_mtime(raw),
                      .nanoseconds = archive_entry_mtime_nsec(raw)};
    entry.size = static_cast<std::uint64_t>(archive_entry_size(raw));
    if (entry.type != EntryType::hard_link) {
        add_attributes(raw, entry);
    }
    return entry;
}

class Reader {
public:
    explicit Reader(const TarSource& source)
        : feed_{source}, archive_(archive_read_new(), archive_read_free) {
        struct archive* reader = archive_.get();
        // Only what the library does itself: the ARCHIVE_WARN of the others means "by a program".
        for (const int result : {archive_read_support_filter_gzip(reader),
                                 archive_read_support_filter_bzip2(reader),
                                 archive_read_support_filter_xz(reader),
                                 archive_read_support_filter_lzma(reader),
                                 archive_read_support_filter_zstd(reader),
                                 archive_read_support_format_tar(reader)}) {
            check(result, "libarchive lacks a filter");
        }
        check(archive_read_open(reader, &feed_, nullptr, feed, nullptr), "");
    }

    void read(util::TreeSink& sink) {
        archive_entry* raw = nullptr;
        while (true) {
            const int result = archive_read_next_header(archive_.get(), &raw);
            if (result == ARCHIVE_EOF) {
                break;
            }
            check(result, "");
            sink.add(to_entry(raw));
            read_data(sink);
        }
        check_end();
        sink.finish();
    }

private:
    /// Two blocks of zeros end an archive. libarchive takes the end of the file too, which a
    /// transfer that broke off between two files gives.
    void check_end() {
        // Nothing was read behind the place where the next header would be.
        if (archive_filter_bytes(archive_.get(), 0) <=
            archive_read_header_position(archive_.get())) {
            check(ARCHIVE_FATAL, "it ends without its end mark");
        }
    }

    void read_data(util::TreeSink& sink) {
        const void* bytes = nullptr;
        std::size_t size = 0;
        la_int64_t offset = 0;
        while (true) {
            const int result = archive_read_data_block(archive_.get(), &bytes, &size, &offset);
            if (result == ARCHIVE_EOF) {
                return;
            }
            check(result, "");
            check_ratio();
            if (size > 0) {
                sink.data(static_cast<std::uint64_t>(offset),
                          {static_cast<const char*>(bytes), size});
            }
        }
    }

    void check_ratio() {
        const auto packed = static_cast<std::uint64_t>(archive_filter_bytes(archive_.get(), -1));
        const auto unpacked = static_cast<std::uint64_t>(archive_filter_bytes(archive_.get(), 0));
        if (unpacked > k_free_of_ratio && unpacked / feed_.source.most_ratio > packed) {
            throw util::Error({.what = "'" + feed_.source.name +
                                       "' is a bomb: " + std::to_string(packed) +
                                       " bytes become more than " + std::to_string(unpacked)});
        }
    }

    /// Warnings are refusals too: what libarchive is not sure of is not unpacked.
    void check(int result, const std::string& otherwise) {
        if (result == ARCHIVE_OK) {
            return;
        }
        std::string why = text_of(archive_error_string(archive_.get()));
        if (why.empty() || !otherwise.empty()) {
            why = otherwise.empty() ? "it is damaged" : otherwise;
        }
        throw util::Error({.what = "cannot read '" + feed_.source.name + "' as a tar: " + why,
                           .hint = "is it whole? fetch it again and compare its checksum"});
    }

    Utf8Locale locale_;
    Feed feed_;
    Archive archive_;
};

} // namespace

void read_tar(const TarSource& source, util::TreeSink& sink) {
    Reader(source).read(sink);
}

} // namespace kiln::archive
