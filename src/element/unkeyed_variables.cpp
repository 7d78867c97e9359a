#include "element/unkeyed_variables.hpp"

#include <algorithm>

namespace kiln::element {

const std::vector<UnkeyedVariable>& unkeyed_variables() {
    constexpr std::string_view k_network = "a way to the network, not what is fetched over it";
    constexpr std::string_view k_shown = "how much is shown";
    constexpr std::string_view k_place =
        "a place on this machine; what lies there counts by itself";
    constexpr std::string_view k_cache = "how stored layers are kept and taken";
    constexpr std::string_view k_stop = "where a person stops the build";
    static const std::vector<UnkeyedVariable> k_table = {
        {"http_proxy", k_network},
        {"https_proxy", k_network},
        {"ftp_proxy", k_network},
        {"no_proxy", k_network},
        {"all_proxy", k_network},
        {"HTTP_PROXY", k_network},
        {"HTTPS_PROXY", k_network},
        {"FTP_PROXY", k_network},
        {"NO_PROXY", k_network},
        {"ALL_PROXY", k_network},
        {"DIB_OFFLINE", k_network},
        {"KILN_DOWNLOAD_TRIES", k_network},
        {"KILN_DOWNLOAD_STALL", k_network},
        {"DIB_IMAGE_CACHE", k_place},
        {"DIB_BLOCK_DEVICE_CONFIG", "the layout that it names counts by its content"},
        {"ELEMENTS_PATH", k_place},
        {"KILN_ELEMENTS_PATH", k_place},
        {"KILN_OUTPUT_DIR", k_place},
        {"KILN_ERROR_FILE", k_place},
        {"KILN_USED_PACKAGES", k_place},
        {"KILN_CACHE_SIZE", k_cache},
        {"KILN_FRESHNESS", k_cache},
        {"KILN", k_place},
        {"TMP_DIR", k_place},
        {"_LIB", k_place},
        {"TERM", k_shown},
        {"DIB_DEBUG_TRACE", k_shown},
        {"DIB_SHOW_IMAGE_USAGE", k_shown},
        {"DIB_SHOW_IMAGE_USAGE_FULL", k_shown},
        {"DIB_QUIET", k_shown},
        {"DIB_NO_TIMESTAMP", k_shown},
        {"break", k_stop},
        {"break_cmd", k_stop},
    };
    return k_table;
}

bool is_unkeyed(const std::string& name) {
    const std::vector<UnkeyedVariable>& table = unkeyed_variables();
    return std::any_of(table.begin(), table.end(), [&name](const UnkeyedVariable& variable) {
        return variable.name == name;
    });
}

} // namespace kiln::element
