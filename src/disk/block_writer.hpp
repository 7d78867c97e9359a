#pragma once

#include "disk/raw_file.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::disk {

/// Gathers what goes to neighbouring blocks of a raw image into large writes. What follows the end
/// of a file in its last block is zeros.
class BlockWriter {
public:
    /// block: bytes; the chunks that are written are a multiple of it.
    BlockWriter(const RawFile& raw, std::uint64_t block);

    /// A part of an open file and where it goes, in bytes; name is for errors.
    struct Copy {
        int source = -1;
        std::uint64_t offset = 0;
        std::uint64_t length = 0;
        std::uint64_t place = 0;
        const std::string& name;
    };

    /// Throws Error when the source ends before.
    void copy(const Copy& job);

    /// At most a block.
    void put(std::string_view bytes, std::uint64_t place);

    /// What was gathered is written only then.
    void flush();

private:
    void go_to(std::uint64_t place);
    void end_block();

    const RawFile& raw_;
    std::uint64_t block_;
    std::vector<char> buffer_;
    std::uint64_t start_ = 0;
    std::size_t used_ = 0;
};

} // namespace kiln::disk
