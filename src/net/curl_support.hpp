#pragma once

#include "net/easy_handle.hpp"
#include "net/retry.hpp"
#include "net/transfer.hpp"

#include <functional>
#include <map>
#include <string>

namespace kiln::net {

/// curl_global_init once; never undone, since other handles may live on. Throws util::Error.
void start_library();

/// What an end of a transfer means when it has no http status to tell it.
FailureKind failure_of_code(CURLcode code);

/// For people. detail is what libcurl wrote into CURLOPT_ERRORBUFFER: it names hosts and numbers,
/// but is left out where it might hold a password.
std::string reason_of(CURLcode code, const std::string& detail, const Limits& limits);

void set_limits(const EasyHandle& handle, const Limits& limits);

/// Of the last answer; empty when it has none of that name.
std::string header_of(const EasyHandle& handle, const char* name);

/// Works until all transfers of the multi handle have ended. on_wait may be absent; otherwise it is
/// called about ten times a second, and what it throws leaves the transfers as they are.
void perform(CURLM* multi, const std::function<void()>& on_wait);

/// How each of them ended.
std::map<const CURL*, CURLcode> codes_of(CURLM* multi);

} // namespace kiln::net
