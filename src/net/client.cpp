#include "net/client.hpp"

namespace kiln::net {

std::vector<DocumentResult> Client::get_all(const std::vector<DocumentRequest>& requests) {
    std::vector<DocumentResult> results;
    for (const DocumentRequest& request : requests) {
        try {
            results.emplace_back(get(request));
        } catch (const util::Error& error) {
            results.emplace_back(DocumentFailure{.error = error.info()});
        }
    }
    return results;
}

} // namespace kiln::net
