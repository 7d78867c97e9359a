#include "element/install_type.hpp"

#include <algorithm>
#include <cctype>

namespace kiln::element {

std::string variable_part(const std::string& name) {
    std::string part = name;
    std::replace_if(
        part.begin(),
        part.end(),
        [](unsigned char letter) { return std::isalnum(letter) == 0; },
        '_');
    return part;
}

std::string install_type_of(const std::string& name, const process::Environment& environment) {
    for (const std::string& variable :
         {"DIB_INSTALLTYPE_" + variable_part(name), std::string("DIB_DEFAULT_INSTALLTYPE")}) {
        const auto found = environment.find(variable);
        if (found != environment.end()) {
            return found->second;
        }
    }
    return "source";
}

} // namespace kiln::element
