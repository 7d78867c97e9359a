#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace kiln::build {

/// What becomes of a file that has the name of an output: replaced by it, or kept under a name with
/// the date.
enum class OldOutputs { replace, keep };

/// What `kiln build` was asked for, with every default filled in.
struct BuildOptions {
    std::vector<std::string> elements;
    /// Output path without the extension of its format.
    std::filesystem::path output = "image";
    std::string formats = "qcow2";
    std::string architecture{};
    std::vector<std::string> packages{};
    bool with_base = true;
    int trace = 0;
    /// zstd, zlib or none.
    std::string compression = "zstd";
    std::string qemu_img_options{};
    /// Size of the disk in bytes; without it the content decides.
    std::optional<std::uint64_t> image_size{};
    /// Bytes on top of what the content decides.
    std::uint64_t extra_size = 0;
    std::optional<std::uint64_t> journal_size{};
    std::string mkfs_options{};
    std::optional<std::uint64_t> max_online_resize{};
    std::string filesystem = "ext4";
    std::string root_label = "cloudimg-rootfs";
    /// As disk::parse_checksum_kinds takes it; empty: none.
    std::string checksums{};
    /// What stands before the name of an image in its checksum files.
    std::string checksum_prefix{};
    OldOutputs old_outputs = OldOutputs::replace;
    /// "REPOSITORY:TAG" of container images; empty: after the output.
    std::string container_name{};
    /// Text for the manifest of an aci; empty: it gets none.
    std::string aci_manifest{};
    /// Words of element::BreakPoints, and what bash runs there; empty: an interactive shell.
    std::string break_points{};
    std::string break_command{};
    bool break_outside_target = false;
    bool offline = false;
    bool network = true;
    bool allow_override = false;
    /// Whether stored layers and images are used and kept.
    bool use_cache = true;
    /// What the cache may take on the disk, in bytes.
    std::uint64_t cache_size = std::uint64_t{20} * 1024 * 1024 * 1024;
    /// As cache::parse_freshness takes it.
    std::string freshness = "check";
    /// Whether to tell of each layer why it was used or made.
    bool explain = false;
    /// Go through the layers only, and stop where the first one would be made.
    bool plan_only = false;
    std::string install_type = "source";
    std::optional<std::chrono::milliseconds> hook_timeout{};
    /// Colon separated, before kiln's own elements.
    std::string elements_path{};
    /// YAML text, or file://PATH; empty: what an element brings.
    std::string block_device_config{};
    std::filesystem::path cache_directory{};
    std::filesystem::path work_directory{};
    std::filesystem::path state_directory{};
    /// What hooks get from the caller's environment (the allow-list and --env).
    std::map<std::string, std::string> environment{};
    /// The arguments as given, for hooks (DIB_ARGS).
    std::string arguments{};
};

/// What a build leaves behind.
struct BuildResult {
    std::vector<std::filesystem::path> files;
    std::uint64_t disk_size = 0;
    std::filesystem::path log;
    /// One line a layer and image: used or made, and why.
    std::vector<std::string> explanation{};
};

} // namespace kiln::build
