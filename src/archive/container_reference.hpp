#pragma once

#include <string>

namespace kiln::archive {

/// The name of a container image: "registry.example:5000/team/web" and "v1".
struct ContainerReference {
    std::string name;
    std::string tag = "latest";
};

/// "NAME" or "NAME:TAG", by the rules of the distribution project (lower case). Throws Error (code
/// usage).
ContainerReference parse_container_reference(const std::string& text);

/// The nearest valid name for an image that is called otherwise: "Web 1" becomes "web-1".
ContainerReference reference_for(const std::string& image_name);

} // namespace kiln::archive
