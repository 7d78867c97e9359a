#pragma once

namespace kiln::disk {

/// How the data of a qcow2 is packed.
enum class Compression { none, zlib, zstd };

} // namespace kiln::disk
