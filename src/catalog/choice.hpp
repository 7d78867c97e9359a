#pragma once

#include "catalog/family.hpp"

#include <string>

namespace kiln::catalog {

/// The complete image of a family that a person means: by id, by internal_version, or by name.
/// Throws util::Error (code usage) that lists what there is.
const store::Image& image_meant(const Family& family, const std::string& word);

/// The candidate to give the name to: the one meant, or without a word the newest; where none
/// waits, the one whose promotion was broken off. Throws util::Error (code failed) when there is
/// neither.
const store::Image& candidate_of(const Family& family, const std::string& word);

/// The image that a rollback gives the name to: the one meant; without a word that which the last
/// rollback meant, if it was broken off, else the newest that had the name and is older than the
/// current one. Throws util::Error (code failed) when there is none.
const store::Image& previous_of(const Family& family, const std::string& word);

} // namespace kiln::catalog
