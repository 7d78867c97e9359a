#pragma once

#include <functional>
#include <map>
#include <string>

namespace kiln::cache {

/// An element of an XML document that has ended. Names are without their prefixes.
struct XmlElement {
    std::string name{};
    std::map<std::string, std::string> attributes{};
    /// Text directly in it.
    std::string text{};
};

/// Called for each element when it ends; path has the names of the elements around it and its own,
/// separated by '/': "repomd/data/checksum".
using XmlHandler = std::function<void(const std::string& path, const XmlElement& element)>;

/// Called for each element when it begins; its text is still to come.
using XmlStart = XmlHandler;

/// Goes through a document (expat). External entities are not followed, documents that declare
/// entities or nest deeper than 64 are refused. Throws util::Error (code remote) that names it.
void read_xml(const std::string& text,
              const std::string& name,
              const XmlStart& on_start,
              const XmlHandler& on_end);

} // namespace kiln::cache
