#pragma once

#include "chain/draft.hpp"

#include <optional>
#include <string>

namespace kiln::chain {

/// The file that makes a folder a bundle.
inline constexpr const char* k_bundle_file = "build-vars.yml";

/// Reads a bundle of an image factory as it is, into the draft of an image: `build-vars.yml`
/// (bundle.name, bundle.img_base: id of an image of a cloud, or a file; bundle.properties),
/// `ansible/bootstrap.yml`, `output/*.j2`. The cloud of an id is left open. Nothing when it has
/// mistakes; those are told. Draft is of the image that names it, and learns of places.
std::optional<ImageDefinition>
read_bundle(const std::string& folder, Draft& draft, ReadContext& context);

} // namespace kiln::chain
