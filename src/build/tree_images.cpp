#include "build/tree_images.hpp"

#include "archive/container_writer.hpp"
#include "archive/output_file.hpp"
#include "archive/tree_writer.hpp"
#include "build/squashfs.hpp"
#include "disk/checksums.hpp"
#include "util/digest.hpp"
#include "util/root_dir.hpp"

#include <filesystem>

namespace kiln::build {
namespace {

namespace fs = std::filesystem;
using archive::Compression;
using archive::Holes;
using archive::OutputFile;
using archive::TarWriter;
using archive::TreeOptions;
using disk::ImageFormat;

/// All that the makers of the formats need.
struct TreeJob {
    const BuildOptions& options;
    util::RootDir tree;
    std::int64_t epoch;
    process::Runner& runner;
    report::Reporter& reporter;
};

void warn_of_left_out(const TreeJob& job, const archive::TreeSummary& summary) {
    for (const std::string& path : summary.left_out) {
        job.reporter.warn("'/" + path + "' is a socket and is left out");
    }
}

void write_tar(const TreeJob& job, const std::string& path, Compression compression) {
    OutputFile file(path, compression);
    TarWriter writer([&file](std::string_view bytes) { file.write(bytes); });
    warn_of_left_out(job, write_tree(job.tree, {.epoch = job.epoch}, writer));
    writer.finish();
    file.finish();
}

/// github.com/appc/spec: a manifest, if there is one, and the tree in rootfs.
void write_aci(const TreeJob& job, const std::string& path) {
    OutputFile file(path, Compression::none);
    TarWriter writer([&file](std::string_view bytes) { file.write(bytes); });
    const std::string& manifest = job.options.aci_manifest;
    if (!manifest.empty()) {
        writer.add(archive::plain_file("manifest", manifest.size(), job.epoch));
        writer.write(manifest);
    }
    const TreeOptions options{.prefix = "rootfs/", .epoch = job.epoch, .holes = Holes::fill};
    warn_of_left_out(job, write_tree(job.tree, options, writer));
    writer.finish();
    file.finish();
}

archive::ContainerLayer
write_layer(const TreeJob& job, const std::string& path, Compression compression) {
    util::Digest digest(util::DigestKind::sha256);
    OutputFile file(path, compression);
    TarWriter writer([&](std::string_view bytes) {
        digest.update(bytes);
        file.write(bytes);
    });
    const TreeOptions options{.prefix = "", .epoch = job.epoch, .holes = Holes::fill};
    warn_of_left_out(job, write_tree(job.tree, options, writer));
    writer.finish();
    file.finish();
    return {.path = path,
            .size = fs::file_size(path),
            .digest = disk::compute_checksums(path, {.sha256 = true}).sha256,
            .tar_digest = digest.finish()};
}

archive::ContainerReference reference_of(const BuildOptions& options) {
    return options.container_name.empty()
               ? archive::reference_for(options.output.filename().string())
               : archive::parse_container_reference(options.container_name);
}

void write_container(const TreeJob& job, const std::string& path, ImageFormat format) {
    const bool oci = format == ImageFormat::oci;
    const std::string layer = std::string(Paths::k_image) + "/layer.tar";
    const archive::ContainerImage image{
        .layer = write_layer(job, layer, oci ? Compression::gzip : Compression::none),
        .reference = reference_of(job.options),
        .architecture = job.options.architecture,
        .epoch = job.epoch};
    OutputFile file(path, Compression::none);
    TarWriter writer([&file](std::string_view bytes) { file.write(bytes); });
    oci ? archive::write_oci_layout(image, writer) : archive::write_docker_archive(image, writer);
    writer.finish();
    file.finish();
    fs::remove(layer);
}

void make(const TreeJob& job, ImageFormat format, const std::string& path) {
    switch (format) {
    case ImageFormat::tar:
        return write_tar(job, path, Compression::none);
    case ImageFormat::tgz:
        return write_tar(job, path, Compression::gzip);
    case ImageFormat::tar_zst:
        return write_tar(job, path, Compression::zstd);
    case ImageFormat::squashfs:
        return warn_of_left_out(job, write_squashfs(job.tree, job.epoch, path, job.runner));
    case ImageFormat::aci:
        return write_aci(job, path);
    default:
        return write_container(job, path, format);
    }
}

} // namespace

void write_tree_outputs(const BuildContext& context,
                        std::int64_t epoch,
                        Outputs& outputs,
                        process::Runner& runner) {
    const TreeJob job{.options = context.options,
                      .tree = util::RootDir(Paths::k_mount),
                      .epoch = epoch,
                      .runner = runner,
                      .reporter = outputs.reporter()};
    for (const ImageFormat format : outputs.wanted(disk::FormatSource::tree)) {
        outputs.write(format, [&](const std::string& path) { make(job, format, path); });
    }
}

} // namespace kiln::build
