#pragma once

#include "archive/sink.hpp"
#include "archive/tar_entry.hpp"

#include <memory>
#include <string_view>

namespace kiln::archive {

/// Writes a tar (pax format, libarchive): ids as numbers, whole seconds, extended attributes as
/// SCHILY.xattr, access control lists as SCHILY.acl, sparse files as GNU's version 1.0. Names are
/// bytes. The same entries give the same bytes.
class TarWriter {
public:
    explicit TarWriter(Sink sink);
    TarWriter(TarWriter&&) = delete;
    TarWriter& operator=(TarWriter&&) = delete;
    TarWriter(const TarWriter&) = delete;
    TarWriter& operator=(const TarWriter&) = delete;
    /// What was not finished is no whole archive.
    ~TarWriter();

    /// Begins an entry. Throws what the sink throws, and Error.
    void add(const TarEntry& entry);

    /// Content of the last entry, holes included, in order.
    void write(std::string_view bytes);

    /// Ends the archive.
    void finish();

private:
    struct Stream;

    std::unique_ptr<Stream> stream_;
};

} // namespace kiln::archive
