#pragma once

#include "util/error.hpp"

#include <curl/curl.h>

#include <memory>
#include <string>
#include <vector>

namespace kiln::net {

struct EasyCleanup {
    void operator()(CURL* handle) const { ::curl_easy_cleanup(handle); }
};

struct MultiCleanup {
    void operator()(CURLM* handle) const { ::curl_multi_cleanup(handle); }
};

struct ListCleanup {
    void operator()(curl_slist* list) const { ::curl_slist_free_all(list); }
};

using EasyHandle = std::unique_ptr<CURL, EasyCleanup>;
using MultiHandle = std::unique_ptr<CURLM, MultiCleanup>;
using HeaderList = std::unique_ptr<curl_slist, ListCleanup>;

/// curl_easy_setopt that throws: an option that libcurl does not have must not be left out quietly.
template <typename Value>
void set_option(const EasyHandle& handle, CURLoption option, Value value) {
    const CURLcode code = ::curl_easy_setopt(handle.get(), option, value);
    if (code != CURLE_OK) {
        throw util::Error(
            {.what = std::string("libcurl refuses a setting: ") + ::curl_easy_strerror(code),
             .code = util::ExitCode::tool});
    }
}

/// Keeps a transfer in a multi handle while it lives.
class AddedHandle {
public:
    AddedHandle(CURLM* multi, CURL* easy) : multi_(multi), easy_(easy) {
        ::curl_multi_add_handle(multi_, easy_);
    }

    AddedHandle(const AddedHandle&) = delete;
    AddedHandle& operator=(const AddedHandle&) = delete;
    AddedHandle(AddedHandle&&) = delete;
    AddedHandle& operator=(AddedHandle&&) = delete;

    ~AddedHandle() { ::curl_multi_remove_handle(multi_, easy_); }

private:
    CURLM* multi_;
    CURL* easy_;
};

inline HeaderList make_header_list(const std::vector<std::string>& headers) {
    HeaderList list;
    for (const std::string& header : headers) {
        curl_slist* longer = ::curl_slist_append(list.get(), header.c_str());
        if (longer == nullptr) {
            throw std::bad_alloc();
        }
        static_cast<void>(list.release());
        list.reset(longer);
    }
    return list;
}

} // namespace kiln::net
