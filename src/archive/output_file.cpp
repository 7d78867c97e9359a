#include "archive/output_file.hpp"

#include "archive/library.hpp"
#include "util/error.hpp"
#include "util/fd.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace kiln::archive {
namespace {

/// Much smaller than the default of 3, at a speed that the disk still bounds.
constexpr const char* k_zstd_level = "9";
constexpr const char* k_gzip_level = "9";

la_ssize_t write_some(::archive* handle, void* data, const void* bytes, size_t size) {
    const ssize_t count = ::write(*static_cast<int*>(data), bytes, size);
    if (count < 0) {
        ::archive_set_error(handle, errno, "%s", "the write failed");
    }
    return count;
}

} // namespace

/// An archive of libarchive's "raw" format: one member without any framing.
struct OutputFile::Stream {
    Stream(const std::string& name, Compression compression)
        : path(name),
          fd(util::open_file(name, O_WRONLY | O_CREAT | O_TRUNC)),
          number(fd.get()),
          handle(::archive_write_new()) {
        must(::archive_write_set_format_raw(handle));
        add_filter(compression);
        must(::archive_write_set_bytes_in_last_block(handle, 1));
        must(::archive_write_open(handle, &number, nullptr, write_some, nullptr));
        ::archive_entry* entry = ::archive_entry_new();
        ::archive_entry_set_filetype(entry, AE_IFREG);
        const int status = ::archive_write_header(handle, entry);
        ::archive_entry_free(entry);
        must(status);
    }

    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;
    Stream(Stream&&) = delete;
    Stream& operator=(Stream&&) = delete;

    ~Stream() {
        // Else freeing it would write what is held back.
        ::archive_write_fail(handle);
        ::archive_write_free(handle);
    }

    void must(int status) const { check(status, handle, path); }

    void add_filter(Compression compression) const {
        switch (compression) {
        case Compression::none:
            break;
        case Compression::gzip:
            must(::archive_write_add_filter_gzip(handle));
            must(::archive_write_set_filter_option(
                handle, "gzip", "compression-level", k_gzip_level));
            must(::archive_write_set_filter_option(handle, "gzip", "timestamp", nullptr));
            break;
        case Compression::zstd:
            must(::archive_write_add_filter_zstd(handle));
            must(::archive_write_set_filter_option(
                handle, "zstd", "compression-level", k_zstd_level));
            break;
        }
    }

    std::string path;
    util::Fd fd;
    int number;
    ::archive* handle;
};

OutputFile::OutputFile(const std::string& path, Compression compression)
    : stream_(std::make_unique<Stream>(path, compression)) {}

OutputFile::~OutputFile() = default;

void OutputFile::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const la_ssize_t count = ::archive_write_data(stream_->handle, bytes.data(), bytes.size());
        stream_->must(count < 0 ? static_cast<int>(count) : ARCHIVE_OK);
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
}

void OutputFile::finish() {
    stream_->must(::archive_write_close(stream_->handle));
}

} // namespace kiln::archive
