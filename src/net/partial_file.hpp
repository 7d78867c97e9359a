#pragma once

#include "net/transfer.hpp"
#include "util/fd.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::net {

/// What is known of the version that a partial file's bytes are of.
struct PartialNote {
    Validators validators{};
    /// Size of the whole; 0: not known.
    std::uint64_t total = 0;
};

/// The note as text, and back. A broken note is an empty one.
std::string to_text(const PartialNote& note);
PartialNote note_from_text(std::string_view text);

/// Header lines that ask for the rest of a file of which `size` bytes are here, if it is still the
/// same version. None when that cannot be asked: the validators are weak or missing.
std::vector<std::string> range_headers(std::uint64_t size, const PartialNote& note);

/// A file that is being downloaded, and beside it (".note") which version its bytes are of.
class PartialFile {
public:
    /// Opens or makes it; bytes without a useful note are thrown away. Throws util::Error.
    explicit PartialFile(const std::string& path);

    [[nodiscard]] std::uint64_t size() const { return size_; }

    [[nodiscard]] const PartialNote& note() const { return note_; }

    /// Whether all bytes are here, as far as the size is known.
    [[nodiscard]] bool is_whole() const { return note_.total > 0 && size_ == note_.total; }

    /// Throws away what is here: another version begins.
    void restart(const PartialNote& note);

    void append(std::string_view data);

    void sync() const;

private:
    [[nodiscard]] std::string note_path() const { return path_ + ".note"; }

    std::string path_;
    util::Fd fd_;
    std::uint64_t size_ = 0;
    PartialNote note_{};
};

} // namespace kiln::net
