#pragma once

#include "store/image.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace kiln::store {

/// Copies the data of an image from source to target by way of "TARGET.part", which a broken copy
/// leaves for the next one to go on with. Throws StoreError; damaged where the data is not what the
/// image's digest says.
void copy_data(const Image& image,
               const std::string& source,
               const std::string& target,
               const std::function<void(std::uint64_t, std::uint64_t)>& progress);

} // namespace kiln::store
