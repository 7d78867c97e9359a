#include "net/partial_file.hpp"

#include "util/atomic_file.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>

namespace kiln::net {
namespace {

constexpr std::string_view k_etag = "etag ";
constexpr std::string_view k_modified = "modified ";
constexpr std::string_view k_total = "total ";

bool begins(std::string_view text, std::string_view prefix) {
    return text.substr(0, prefix.size()) == prefix;
}

/// Of more than one line, or unreasonably long: nothing that may become part of a request.
std::string usable(std::string_view value) {
    constexpr std::size_t k_longest = 1000;
    const bool plain = value.find_first_of("\r\n") == std::string_view::npos;
    return plain && value.size() <= k_longest ? std::string(value) : "";
}

} // namespace

std::string to_text(const PartialNote& note) {
    return std::string(k_etag) + usable(note.validators.etag) + "\n" + std::string(k_modified) +
           usable(note.validators.last_modified) + "\n" + std::string(k_total) +
           std::to_string(note.total) + "\n";
}

PartialNote note_from_text(std::string_view text) {
    PartialNote note;
    for (const std::string& line : util::split(text, '\n')) {
        if (begins(line, k_etag)) {
            note.validators.etag = usable(line.substr(k_etag.size()));
        } else if (begins(line, k_modified)) {
            note.validators.last_modified = usable(line.substr(k_modified.size()));
        } else if (begins(line, k_total)) {
            const std::string digits = line.substr(k_total.size());
            std::from_chars(digits.data(), digits.data() + digits.size(), note.total);
        }
    }
    return note;
}

std::vector<std::string> range_headers(std::uint64_t size, const PartialNote& note) {
    // A weak ETag must not be used for this (RFC 9110, section 13.1.5).
    const bool strong = !note.validators.etag.empty() && !begins(note.validators.etag, "W/");
    const std::string condition = strong ? note.validators.etag : note.validators.last_modified;
    if (size == 0 || condition.empty()) {
        return {};
    }
    return {"Range: bytes=" + std::to_string(size) + "-", "If-Range: " + condition};
}

PartialFile::PartialFile(const std::string& path)
    : path_(path), fd_(util::open_file(path, O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW, 0644)) {
    struct stat info = {};
    if (::fstat(fd_.get(), &info) != 0) {
        util::throw_errno("cannot look at '" + path + "'");
    }
    size_ = static_cast<std::uint64_t>(info.st_size);
    if (::access(note_path().c_str(), R_OK) == 0) {
        note_ = note_from_text(util::read_file(note_path()));
    }
    const bool too_long = note_.total > 0 && size_ > note_.total;
    if (too_long || (size_ > 0 && !is_whole() && range_headers(size_, note_).empty())) {
        restart({});
    }
}

void PartialFile::restart(const PartialNote& note) {
    // First the bytes: a note must never speak of bytes of another version.
    if (::ftruncate(fd_.get(), 0) != 0) {
        util::throw_errno("cannot empty '" + path_ + "'");
    }
    size_ = 0;
    note_ = note;
    util::write_file_atomically(note_path(), to_text(note));
}

void PartialFile::append(std::string_view data) {
    util::write_all(fd_.get(), data, path_);
    size_ += data.size();
}

void PartialFile::sync() const {
    if (::fsync(fd_.get()) != 0) {
        util::throw_errno("cannot write '" + path_ + "'");
    }
}

void remove_download(const std::string& path) {
    for (const std::string& file : {path, path + ".note"}) {
        if (::unlink(file.c_str()) != 0 && errno != ENOENT) {
            util::throw_errno("cannot remove '" + file + "'");
        }
    }
}

} // namespace kiln::net
