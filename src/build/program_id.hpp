#pragma once

#include <string>

namespace kiln::build {

/// Tells this program from others built from other sources: its GNU build id (ld(1), --build-id),
/// or the digest of its file where it has none.
const std::string& program_id();

} // namespace kiln::build
