#pragma once

#include "disk/compression.hpp"
#include "disk/qcow2_map.hpp"

#include <string>

namespace kiln::disk {

struct Qcow2Options {
    Compression compression = Compression::zstd;
    /// Version 2 (QEMU before 1.1) is packed with zlib, never zstd.
    Qcow2Version version = Qcow2Version::v3;
    /// 0: one for each processor, 16 at most.
    unsigned threads = 0;
};

/// Writes a qcow2 of a raw disk: packed clusters of 64 KiB, no backing or data file. Holes are not
/// read, and no cluster of zeros is stored. The bytes follow from the disk, the options and the
/// version of the library that packs, not from the number of threads. It needs some 4 MiB of
/// memory a thread and 10 bytes a cluster of data. All threads have ended when it returns. Throws
/// Error (code failed), "disk full" too; what it wrote is then no qcow2, and the caller removes it.
void write_qcow2(const std::string& raw_path,
                 const std::string& target,
                 const Qcow2Options& options = {});

} // namespace kiln::disk
