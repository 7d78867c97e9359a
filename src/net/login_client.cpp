#include "net/login_client.hpp"

#include "net/url.hpp"

namespace kiln::net {

Logins logins_in(const std::vector<std::string>& texts) {
    Logins logins;
    for (const std::string& text : texts) {
        const std::string login = is_url(text) ? take_login(text).login : "";
        if (!login.empty()) {
            logins.emplace(server_of(text), login);
        }
    }
    return logins;
}

std::string LoginClient::with_login(const std::string& url) const {
    const std::string server = server_of(url);
    const auto found = logins_.find(server);
    if (found == logins_.end() || !take_login(url).login.empty()) {
        return url;
    }
    const std::size_t begin = server.find("://") + 3;
    std::string whole = url.substr(0, begin);
    return whole.append(found->second).append("@").append(url.substr(begin));
}

Document LoginClient::get(const DocumentRequest& request) {
    DocumentRequest whole = request;
    whole.url = with_login(request.url);
    return next_.get(whole);
}

std::vector<DocumentResult> LoginClient::get_all(const std::vector<DocumentRequest>& requests) {
    std::vector<DocumentRequest> whole = requests;
    for (DocumentRequest& request : whole) {
        request.url = with_login(request.url);
    }
    return next_.get_all(whole);
}

FileResult LoginClient::download(const FileRequest& request) {
    FileRequest whole = request;
    whole.url = with_login(request.url);
    return next_.download(whole);
}

} // namespace kiln::net
