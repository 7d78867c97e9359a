#pragma once

#include "store/directory/database.hpp"
#include "store/directory/folder.hpp"

#include <string>

namespace kiln::store {

/// The name of an image as one component of a path, with the format as its end. A name that had to
/// be changed for that (a '/', a leading dot, too long) gets a part of its digest.
std::string link_name(const std::string& name, const std::string& disk_format);

/// Lets the link of that name lead to the newest image of it that is active and not hidden, or
/// removes it. To be called in a writing Transaction. A link that cannot be made is left out: it is
/// a help for people, and made when the folder is next opened.
void refresh_link(Database& index,
                  const Folder& folder,
                  const std::string& name,
                  const std::string& disk_format);

/// Makes the links what they ought to be. What is no link into files/ is left alone.
void repair_links(Database& index, const Folder& folder);

} // namespace kiln::store
