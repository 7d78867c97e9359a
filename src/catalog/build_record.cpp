#include "catalog/build_record.hpp"

namespace kiln::catalog {

std::string record_path(const std::string& image) {
    return image + ".kiln.json";
}

} // namespace kiln::catalog
