#pragma once

#include "net/http_client.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace kiln::tests {

constexpr std::uint64_t k_mebibyte = std::uint64_t{1024} * 1024;

/// A generated body of so many bytes, and what was done with it.
class Body {
public:
    explicit Body(std::uint64_t size) : size_(size) {}

    net::UploadBody upload() {
        return {.size = size_,
                .read =
                    [this](char* buffer, std::size_t capacity) {
                        const std::size_t count = std::min<std::uint64_t>(capacity, size_ - given);
                        std::memset(buffer, 'a', count);
                        given += count;
                        return count;
                    },
                .rewind =
                    [this] {
                        given = 0;
                        ++rewinds;
                    }};
    }

    std::uint64_t given = 0;
    int rewinds = 0;

private:
    std::uint64_t size_;
};

} // namespace kiln::tests
