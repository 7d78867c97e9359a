#pragma once

#include "net/client.hpp"

#include <map>
#include <string>
#include <vector>

namespace kiln::net {

/// Users and passwords by server ("https://host:8080").
using Logins = std::map<std::string, std::string>;

/// Those of URLs among texts; the first one of a server counts.
Logins logins_in(const std::vector<std::string>& texts);

/// Asks another client, with the login of a server where its URL brings none. So what is kept of a
/// URL need not hold its password.
class LoginClient : public Client {
public:
    LoginClient(Client& next, Logins logins) : next_(next), logins_(std::move(logins)) {}

    Document get(const DocumentRequest& request) override;
    std::vector<DocumentResult> get_all(const std::vector<DocumentRequest>& requests) override;
    FileResult download(const FileRequest& request) override;

private:
    [[nodiscard]] std::string with_login(const std::string& url) const;

    Client& next_;
    Logins logins_;
};

} // namespace kiln::net
