#pragma once

#include "store/image_store.hpp"

#include <string>

namespace kiln::catalog {

/// What a word that a person gives names.
enum class Named {
    /// An id if it is a UUID, else a name.
    by_itself,
    by_id
};

/// The active image that the word names, whoever owns it. A name means the only image that has it
/// and is visible (private, shared, public; else community); hidden ones are found by id alone.
/// One request; two for names that no plain list has. Throws util::Error: code usage with the
/// nearest name (a request more) when there is none, and with all ids when there are several; code
/// failed when it has no data to hand out.
store::Image find_active(store::ImageStore& store, const std::string& word, Named named);

} // namespace kiln::catalog
