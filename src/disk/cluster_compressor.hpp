#pragma once

#include "disk/compression.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

namespace kiln::disk {

/// Packs single clusters as QEMU unpacks them. Not for several threads at once.
class ClusterCompressor {
public:
    ClusterCompressor() = default;
    ClusterCompressor(const ClusterCompressor&) = delete;
    ClusterCompressor& operator=(const ClusterCompressor&) = delete;
    ClusterCompressor(ClusterCompressor&&) = delete;
    ClusterCompressor& operator=(ClusterCompressor&&) = delete;
    virtual ~ClusterCompressor() = default;

    /// The number of bytes put in target, which has room for one less than the cluster has;
    /// nothing when they do not fit. The same cluster gives the same bytes, whatever came before.
    virtual std::optional<std::size_t> compress(std::string_view cluster, char* target) = 0;
};

/// zstd: one frame. zlib: raw deflate with a window of 4 KiB, all that QEMU has for reading.
/// none: nothing fits. Throws Error when there is no memory.
std::unique_ptr<ClusterCompressor> make_cluster_compressor(Compression compression);

} // namespace kiln::disk
