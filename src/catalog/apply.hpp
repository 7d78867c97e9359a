#pragma once

#include "catalog/rotation.hpp"
#include "report/reporter.hpp"
#include "store/image_store.hpp"

#include <string>
#include <vector>

namespace kiln::catalog {

/// Does the operations in their order and tells of each. Throws store::StoreError at the first that
/// fails; a new plan brings the rest. An image that may not be deleted (protected, in use) is told
/// and stays.
void apply(const Rotation& rotation, store::ImageStore& store, report::Reporter& reporter);

/// What may be done to reach a family: images of this project with kiln's tag. Two requests.
std::vector<store::Image> managed_images(store::ImageStore& store, const std::string& tag);

/// The same of one name. Also two.
Family read_family(store::ImageStore& store, const std::string& tag, const std::string& name);

/// Now, as ISO 8601 in UTC with milliseconds.
std::string time_now();

/// So many seconds ago, without milliseconds.
std::string time_before(long seconds);

} // namespace kiln::catalog
