#pragma once

#include "catalog/family.hpp"
#include "catalog/uploader.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace kiln::catalog {

/// What is to be in a store under a name.
struct WantedImage {
    std::string name;
    /// "sha256:..." of the file.
    std::string digest;
    std::uint64_t size = 0;
    std::string disk_format = "qcow2";
    std::string container_format = "bare";
    /// GiB and MiB.
    std::uint64_t min_disk = 0;
    std::uint64_t min_ram = 0;
    std::optional<store::Visibility> visibility{};
    std::optional<bool> is_protected{};
    /// All that it gets, the tag of kiln's included.
    std::set<std::string> tags{};
    /// All but those of the rotation.
    std::map<std::string, std::string> properties{};
    /// What an image that is there loses.
    std::set<std::string> unwanted_properties{};
    /// It loses all others too that kiln does not keep itself.
    bool no_other_properties = false;
    std::string version;
};

struct UploadPlan {
    enum class Action {
        /// The data is there.
        none,
        /// An image without data is there, left by an upload that broke.
        resume,
        create
    };

    Action action = Action::create;
    /// Of the image that is there.
    std::string id{};
    /// Nobody has compared its data with the file yet: an upload was broken off right after it.
    bool unverified = false;
    /// It was taken back, and so does not get the name again by itself.
    bool rolled_back = false;
    /// What is left of broken uploads, without data: to be removed.
    std::vector<store::Image> leftovers{};
    /// Of the image that is there, where it differs from what is wanted.
    store::ImageChange change{};
    /// Somebody else seems to be uploading the same now.
    std::optional<store::Image> busy{};
};

/// How to tell an upload that runs from one that broke.
struct UploadClock {
    std::function<UploaderState(const std::string& uploader)> state_of = state_of_uploader;
    /// ISO 8601 in UTC: an upload of another machine that began before this is taken as broken.
    std::string stuck_before{};
};

/// Pure but for the clock.
UploadPlan plan_upload(const WantedImage& wanted, const Family& family, const UploadClock& clock);

/// The image to create for what is wanted.
store::NewImage new_image(const WantedImage& wanted, const std::string& uploader);

/// "web candidate 20261128-174700": the name of an image before it gets its own.
std::string candidate_name(const WantedImage& wanted);

} // namespace kiln::catalog
