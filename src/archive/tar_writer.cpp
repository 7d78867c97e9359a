#include "archive/tar_writer.hpp"

#include "archive/library.hpp"
#include "archive/utf8_locale.hpp"
#include "util/error.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <exception>

namespace kiln::archive {
namespace {

struct EntryGuard {
    ::archive_entry* entry = ::archive_entry_new();

    EntryGuard() = default;
    EntryGuard(const EntryGuard&) = delete;
    EntryGuard& operator=(const EntryGuard&) = delete;
    EntryGuard(EntryGuard&&) = delete;
    EntryGuard& operator=(EntryGuard&&) = delete;

    ~EntryGuard() { ::archive_entry_free(entry); }
};

int library_tag(AclTag tag) {
    switch (tag) {
    case AclTag::user_obj:
        return ARCHIVE_ENTRY_ACL_USER_OBJ;
    case AclTag::user:
        return ARCHIVE_ENTRY_ACL_USER;
    case AclTag::group_obj:
        return ARCHIVE_ENTRY_ACL_GROUP_OBJ;
    case AclTag::group:
        return ARCHIVE_ENTRY_ACL_GROUP;
    case AclTag::mask:
        return ARCHIVE_ENTRY_ACL_MASK;
    case AclTag::other:
        return ARCHIVE_ENTRY_ACL_OTHER;
    }
    throw util::Error({.what = "an access control list has an entry of an unknown kind"});
}

void add_acl(::archive_entry* entry, int type, const std::vector<AclEntry>& acl) {
    for (const AclEntry& part : acl) {
        int permissions = 0;
        permissions |= (part.permissions & 4U) != 0 ? ARCHIVE_ENTRY_ACL_READ : 0;
        permissions |= (part.permissions & 2U) != 0 ? ARCHIVE_ENTRY_ACL_WRITE : 0;
        permissions |= (part.permissions & 1U) != 0 ? ARCHIVE_ENTRY_ACL_EXECUTE : 0;
        const bool named = part.tag == AclTag::user || part.tag == AclTag::group;
        const int id = named ? static_cast<int>(part.id) : -1;
        ::archive_entry_acl_add_entry(entry, type, permissions, library_tag(part.tag), id, nullptr);
    }
}

void add_sparse(::archive_entry* entry, const std::vector<Range>& data) {
    for (const Range& range : data) {
        ::archive_entry_sparse_add_entry(
            entry, static_cast<la_int64_t>(range.offset), static_cast<la_int64_t>(range.size));
    }
}

void fill(::archive_entry* entry, const TarEntry& from) {
    const struct stat& status = from.status;
    ::archive_entry_set_pathname(entry, from.path.c_str());
    ::archive_entry_set_mode(entry, status.st_mode);
    ::archive_entry_set_uid(entry, status.st_uid);
    ::archive_entry_set_gid(entry, status.st_gid);
    ::archive_entry_set_mtime(entry, status.st_mtim.tv_sec, 0);
    ::archive_entry_set_rdev(entry, status.st_rdev);
    const bool has_content = S_ISREG(status.st_mode) && from.hard_link.empty();
    ::archive_entry_set_size(entry, has_content ? status.st_size : 0);
    if (S_ISLNK(status.st_mode)) {
        ::archive_entry_set_symlink(entry, from.target.c_str());
    }
    if (!from.hard_link.empty()) {
        ::archive_entry_set_hardlink(entry, from.hard_link.c_str());
        return;
    }
    for (const auto& [name, value] : from.attributes) {
        ::archive_entry_xattr_add_entry(entry, name.c_str(), value.data(), value.size());
    }
    add_acl(entry, ARCHIVE_ENTRY_ACL_TYPE_ACCESS, from.access);
    add_acl(entry, ARCHIVE_ENTRY_ACL_TYPE_DEFAULT, from.defaults);
    add_sparse(entry, from.data);
}

} // namespace

struct TarWriter::Stream {
    explicit Stream(Sink to) : sink(std::move(to)), handle(::archive_write_new()) {
        check(::archive_write_set_format_pax_restricted(handle), handle, "tar");
        check(::archive_write_set_format_option(handle, "pax", "xattrheader", "SCHILY"),
              handle,
              "tar");
        check(::archive_write_open(handle, this, nullptr, take, nullptr), handle, "tar");
    }

    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;
    Stream(Stream&&) = delete;
    Stream& operator=(Stream&&) = delete;

    ~Stream() {
        // Else freeing it would end the archive, and write.
        ::archive_write_fail(handle);
        ::archive_write_free(handle);
    }

    /// Exceptions do not cross libarchive: kept, and thrown by must().
    static la_ssize_t take(::archive* handle, void* data, const void* bytes, size_t size) {
        auto* stream = static_cast<Stream*>(data);
        try {
            stream->sink({static_cast<const char*>(bytes), size});
            return static_cast<la_ssize_t>(size);
        } catch (...) {
            stream->failure = std::current_exception();
            ::archive_set_error(handle, EIO, "%s", "the write failed");
            return -1;
        }
    }

    void must(int status, const std::string& path) const {
        if (failure) {
            std::rethrow_exception(failure);
        }
        check(status, handle, path);
    }

    Sink sink;
    std::exception_ptr failure;
    ::archive* handle;
};

TarWriter::TarWriter(Sink sink) : stream_(std::make_unique<Stream>(std::move(sink))) {}

TarWriter::~TarWriter() = default;

void TarWriter::add(const TarEntry& entry) {
    const Utf8Locale locale;
    const EntryGuard guard;
    fill(guard.entry, entry);
    stream_->must(::archive_write_header(stream_->handle, guard.entry), entry.path);
}

void TarWriter::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const la_ssize_t count = ::archive_write_data(stream_->handle, bytes.data(), bytes.size());
        stream_->must(count <= 0 ? ARCHIVE_FATAL : ARCHIVE_OK, "tar");
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
}

void TarWriter::finish() {
    stream_->must(::archive_write_close(stream_->handle), "tar");
}

TarEntry plain_file(const std::string& path, std::uint64_t size, std::int64_t time) {
    TarEntry entry{.path = path};
    entry.status.st_mode = S_IFREG | 0644;
    entry.status.st_size = static_cast<off_t>(size);
    entry.status.st_mtim.tv_sec = time;
    return entry;
}

} // namespace kiln::archive
