#pragma once

#include "process/command.hpp"

#include <string>
#include <vector>

namespace kiln::element {

/// IMAGE_NAME without folders.
std::string image_name(const process::Environment& environment);

/// Writes a file (root only) into DIB_MANIFEST_IMAGE_DIR (/etc/dib-manifests) of the tree
/// TMP_MOUNT_PATH. Throws Error (code hook) when the variable is no absolute path.
void write_manifest(const process::Environment& environment,
                    const std::string& name,
                    const std::string& content);

/// What may be told of the variables of a build: lines `declare -x NAME="VALUE"` of those named
/// DIB_* that the elements or the user set, sorted. Not those that only say where things lie or how
/// they are shown. Secrets are hidden (util/secret_names.hpp), and whatever KILN_SECRET_VARIABLES
/// names.
std::string environment_manifest(const process::Environment& environment);

/// `kiln tool element-manifest`: the elements of the image, one a line, in
/// DIB_ELEMENT_MANIFEST_PATH or dib-element-manifest of the manifests.
std::vector<std::string> write_element_manifest(const process::Environment& environment);

/// `kiln tool manifests`: dib_environment and dib_arguments; and a file dib-manifest-dpkg, which a
/// hook in the chroot left, gets the name of the image.
std::vector<std::string> write_build_manifests(const process::Environment& environment);

} // namespace kiln::element
