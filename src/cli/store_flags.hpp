#pragma once

#include "report/reporter.hpp"
#include "store/image_store.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace CLI { // NOLINT(readability-identifier-naming): not ours
class App;
}

namespace kiln::cli {

/// One store that a command works on.
struct StoreTarget {
    /// Connects. on_wait is called about ten times a second while it waits later on; what it throws
    /// ends the work.
    std::function<std::unique_ptr<store::ImageStore>(report::Reporter&,
                                                     std::function<void()> on_wait)>
        open;
};

/// The options that say where images are kept: --cloud, --region, --store and what belongs to them.
class StoreFlags {
public:
    void define(CLI::App& app);

    /// Also the options of uploads to Glance.
    void define_upload(CLI::App& app);

    /// In the order given. Throws util::Error (code usage) for what cannot be right, before anybody
    /// is asked.
    [[nodiscard]] std::vector<StoreTarget> targets(report::Reporter& reporter) const;

    /// The tag of images that may be changed.
    [[nodiscard]] const std::string& tag() const { return tag_; }

private:
    struct CloudChoice;

    [[nodiscard]] std::vector<StoreTarget> cloud_targets(report::Reporter& reporter) const;
    [[nodiscard]] bool wants_cloud() const;
    [[nodiscard]] std::string folder() const;

    std::vector<std::string> clouds_;
    std::vector<std::string> regions_;
    bool all_regions_ = false;
    std::string store_;
    std::string interface_;
    std::string tag_;
    bool insecure_ = false;
    bool debug_ = false;
    std::string method_ = "put";
    std::vector<std::string> glance_stores_;
    bool all_glance_stores_ = false;
};

} // namespace kiln::cli
