#include "net/http_client.hpp"

#include <algorithm>

namespace kiln::net {

std::string HttpAnswer::header(std::string_view name) const {
    const auto found = std::find_if(
        headers.begin(), headers.end(), [&](const auto& header) { return header.first == name; });
    return found == headers.end() ? "" : found->second;
}

} // namespace kiln::net
