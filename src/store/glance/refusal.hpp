#pragma once

#include "net/http_client.hpp"
#include "store/store_error.hpp"

#include <string>

namespace kiln::store {

/// What a status of the image service means for callers.
Problem problem_of(long status);

/// The error for an answer that is none of those expected. doing: "upload image 'web'".
StoreError refusal(const net::HttpAnswer& answer, const std::string& doing);

/// Throws it unless the status is 2xx.
void require_success(const net::HttpAnswer& answer, const std::string& doing);

} // namespace kiln::store
