#pragma once

#include "build/options.hpp"
#include "process/command.hpp"

#include <optional>
#include <string>
#include <vector>

namespace CLI { // NOLINT(readability-identifier-naming): not ours
class App;
}

namespace kiln::cli {

/// The options of `kiln build` as given on the command line, and the environment variables that
/// stand for them. An option wins over its variable.
class BuildFlags {
public:
    void define(CLI::App& app);

    /// What the peer's options that make no sense here come to, one line each.
    [[nodiscard]] std::vector<std::string> warnings() const;

    /// Throws util::Error (code usage) for values that are none.
    [[nodiscard]] build::BuildOptions options() const;

private:
    void define_image(CLI::App& app);
    void define_disk(CLI::App& app);
    void define_build(CLI::App& app);
    void define_ignored(CLI::App& app);
    void fill_image(build::BuildOptions& options, const process::Environment& variables) const;
    /// What only scripts for the peer ask for.
    void fill_old_ways(build::BuildOptions& options, const process::Environment& variables) const;
    void fill_disk(build::BuildOptions& options, const process::Environment& variables) const;
    void fill_build(build::BuildOptions& options, const process::Environment& variables) const;

    std::vector<std::string> elements_;
    std::string output_;
    std::string formats_;
    std::string architecture_;
    std::vector<std::string> packages_;
    std::string compression_;
    std::string qemu_img_options_;
    std::string image_size_;
    std::string extra_size_;
    std::string journal_size_;
    std::string mkfs_options_;
    std::string max_online_resize_;
    std::string root_label_;
    std::string install_type_;
    std::string image_cache_;
    std::string work_directory_;
    std::string hook_timeout_;
    std::string cache_size_;
    std::string freshness_;
    bool no_cache_ = false;
    bool explain_ = false;
    std::string on_error_ = "stop";
    std::string break_points_;
    std::string break_command_;
    std::vector<std::string> environment_;
    bool no_base_ = false;
    bool uncompressed_ = false;
    bool clear_environment_ = false;
    bool checksum_ = false;
    bool as_peer_ = false;
    bool offline_ = false;
    bool no_network_ = false;
    bool allow_override_ = false;
    bool no_tmpfs_ = false;
    std::string min_tmpfs_;
    std::string docker_target_;
    std::string ramdisk_element_;
    int trace_ = 0;
};

} // namespace kiln::cli
