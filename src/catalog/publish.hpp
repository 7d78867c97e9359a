#pragma once

#include "catalog/rotation.hpp"
#include "catalog/upload_plan.hpp"
#include "report/reporter.hpp"
#include "store/image_store.hpp"

#include <map>
#include <string>
#include <vector>

namespace kiln::catalog {

enum class Promote {
    /// At once.
    automatic,
    /// When somebody says so (kiln images promote).
    manual
};

struct PublishRequest {
    WantedImage wanted;
    /// The file.
    std::string path;
    RotationPolicy policy{};
    Promote promote = Promote::automatic;
    std::string tag = k_default_tag;
    /// Whether images of the name without the tag come under kiln's care.
    bool adopt = false;
    /// Uploads of other machines that began before so many seconds are taken as broken.
    long stuck_after = 6 * 3600;
};

struct PublishResult {
    /// ImageStore::describe().
    std::string store;
    std::string id{};
    enum class Data { uploaded, unchanged } data = Data::unchanged;
    Standing standing = Standing::candidate;
    /// What was done, or with plan_publish() would be.
    std::vector<std::string> steps{};
    std::vector<std::string> notes{};
    /// Of the image as it is afterwards; none with plan_publish().
    std::map<std::string, std::string> properties{};
};

/// What publish() would do now. Only reads.
PublishResult plan_publish(const PublishRequest& request, store::ImageStore& store);

/// Brings a file into a store and gives it its name: finds what is there, finishes or removes what
/// broken uploads left, uploads where the data is not there, compares the store's digest with the
/// file's, and rotates. Throws util::Error; the image that has the name keeps it then, and the same
/// call brings the rest.
PublishResult
publish(const PublishRequest& request, store::ImageStore& store, report::Reporter& reporter);

} // namespace kiln::catalog
