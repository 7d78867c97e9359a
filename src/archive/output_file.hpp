#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace kiln::archive {

enum class Compression { none, gzip, zstd };

/// A file that is written from its start, compressed on the way. The same bytes give the same file:
/// gzip (level 9) gets neither name nor time.
class OutputFile {
public:
    /// Makes or empties the file. Throws Error.
    OutputFile(const std::string& path, Compression compression);
    OutputFile(OutputFile&&) = delete;
    OutputFile& operator=(OutputFile&&) = delete;
    OutputFile(const OutputFile&) = delete;
    OutputFile& operator=(const OutputFile&) = delete;
    /// Closes; what was not finished is no whole file.
    ~OutputFile();

    /// Throws Error; a full disk is said as such.
    void write(std::string_view bytes);

    /// Writes what is held back. Throws Error.
    void finish();

private:
    struct Stream;

    std::unique_ptr<Stream> stream_;
};

} // namespace kiln::archive
