#pragma once

#include "archive/container_reference.hpp"
#include "archive/tar_writer.hpp"

#include <cstdint>
#include <string>

namespace kiln::archive {

/// The one layer of a container image: a tar in a file.
struct ContainerLayer {
    std::string path;
    std::uint64_t size = 0;
    /// Hexadecimal SHA-256 of the file, and of the tar before it was compressed.
    std::string digest;
    std::string tar_digest;
};

struct ContainerImage {
    ContainerLayer layer;
    ContainerReference reference;
    /// Debian's name of it.
    std::string architecture;
    /// Seconds since 1970.
    std::int64_t epoch = 0;
};

/// An OCI image layout (github.com/opencontainers/image-spec, 1.0) with a gzip-compressed layer.
/// Throws Error, and what the writer throws.
void write_oci_layout(const ContainerImage& image, TarWriter& writer);

/// What `docker load` takes (docker save's manifest.json), with a layer that is a plain tar.
void write_docker_archive(const ContainerImage& image, TarWriter& writer);

} // namespace kiln::archive
