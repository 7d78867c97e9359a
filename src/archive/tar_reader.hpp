#pragma once

#include "util/tree_entry.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace kiln::archive {

/// Where a tar comes from.
struct TarSource {
    /// Read from its current offset to its end; may be a pipe.
    int fd = -1;
    /// For messages.
    std::string name;
    /// How long a pipe may be silent.
    std::chrono::milliseconds patience{std::chrono::minutes(5)};
    /// Of unpacked bytes to packed ones, beyond the first GiB: more is a bomb.
    std::uint64_t most_ratio = 1000;
};

/// Reads a tar (v7, ustar, pax, GNU with sparse files), plain or packed by gzip, bzip2, xz, lzma or
/// zstd, into a sink. Extended attributes and ACLs come along. The archive is not trusted: what is
/// damaged, truncated or of another format is an Error; names are the sink's to check.
void read_tar(const TarSource& source, util::TreeSink& sink);

} // namespace kiln::archive
