#include "net/http_debug.hpp"

#include "net/url.hpp"
#include "util/secret_names.hpp"
#include "util/text.hpp"

namespace kiln::net {
namespace {

std::string shown_query(std::string_view query) {
    std::vector<std::string> shown;
    for (const std::string& part : util::split(query, '&')) {
        const std::size_t sign = part.find('=');
        shown.push_back(sign == std::string::npos
                            ? part
                            : part.substr(0, sign + 1) +
                                  util::shown_value(part.substr(0, sign), part.substr(sign + 1)));
    }
    return util::join(shown, "&");
}

std::string shown_url(const std::string& url) {
    const std::size_t mark = url.find('?');
    if (mark == std::string::npos) {
        return display_url(url);
    }
    const std::size_t end = url.find('#', mark);
    const std::string query = url.substr(mark + 1, end == std::string::npos ? end : end - mark - 1);
    return display_url(url) + "?" + shown_query(query);
}

std::string shown_header(const std::string& header) {
    const std::size_t colon = header.find(':');
    if (colon == std::string::npos) {
        return std::string(util::k_hidden);
    }
    const std::string name = header.substr(0, colon);
    return name + ": " + util::shown_value(name, util::trim(header.substr(colon + 1)));
}

} // namespace

std::string debug_line(const HttpRequest& request) {
    std::string line = request.method + " " + shown_url(request.url);
    const std::uint64_t size = request.upload ? request.upload->size : request.body.size();
    if (size > 0) {
        line += " (" + util::human_bytes(size) + ")";
    }
    std::vector<std::string> shown;
    for (const std::string& header : request.headers) {
        shown.push_back(shown_header(header));
    }
    return shown.empty() ? line : line + " " + util::join(shown, ", ");
}

std::string
debug_line(const HttpResult& result, std::uint64_t received, std::chrono::milliseconds duration) {
    std::string line = result.answer.status == 0 ? "" : std::to_string(result.answer.status) + " ";
    const std::string id = result.answer.header("x-openstack-request-id");
    line += id.empty() ? "" : id + ", ";
    line += util::human_bytes(received) + " in " + std::to_string(duration.count()) + " ms";
    if (!result.has_answer()) {
        line += ", failed: " + util::hide_credentials(result.reason);
    }
    return line;
}

} // namespace kiln::net
