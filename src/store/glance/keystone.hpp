#pragma once

#include "store/glance/http_facts.hpp"
#include "store/glance/session.hpp"
#include "store/store_error.hpp"

#include <optional>
#include <string>

namespace kiln::store {

/// The body of POST /v3/auth/tokens. https://docs.openstack.org/api-ref/identity/v3/
/// Throws util::Error (code usage) for what cannot be sent.
std::string token_request(const Cloud& cloud);

/// The token in the answer to it (status 201). asked is when the request was made, by this
/// machine's clock. Throws StoreError (unavailable) when it is no answer of Keystone's.
Token parse_token(const Cloud& cloud, const net::HttpAnswer& answer, SystemTime asked);

/// Why there is no token, in words; for any other answer.
StoreError login_failure(const Cloud& cloud, const net::HttpAnswer& answer);

/// For people: "log in at 'https://host:5000/v3'".
std::string login_call(const Cloud& cloud);

} // namespace kiln::store
