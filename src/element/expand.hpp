#pragma once

#include "element/catalog.hpp"

#include <string>
#include <vector>

namespace kiln::element {

/// Whether an image must have an element that provides operating-system.
enum class OperatingSystem { required, optional };

/// What a user asks for.
struct Request {
    std::vector<std::string> elements{};
    /// Whether the element 'base' comes first without being named.
    bool with_base = true;
    /// As in ARCH: decides between the implied block-device elements.
    std::string architecture{};
    OperatingSystem operating_system = OperatingSystem::required;
};

/// The elements of an image: those requested, what their element-deps ask for, and what they imply.
/// Dependencies come before their dependents, otherwise the order is that of the request.
///
/// A name that an element lists in element-provides stands for that element: a folder of the same
/// name is not used. 'vm' without any block-device element implies block-device-gpt (arm64:
/// block-device-efi); an element with a first-boot.d implies 'first-boot', where there is one.
///
/// Throws Error, code usage when nothing is requested, else code hook: unknown element, two
/// providers of one name, no provider of operating-system where one is required.
std::vector<Element> expand(const Catalog& catalog, const Request& request);

} // namespace kiln::element
