#pragma once

#include "store/image_store.hpp"
#include "store/store_error.hpp"
#include "util/digest.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>
#include <random>
#include <string>

namespace kiln::tests {

/// Hands out content, which must outlive it.
inline store::ImageData data_of(const std::string& content) {
    const auto offset = std::make_shared<std::size_t>(0);
    return {.size = content.size(),
            .read =
                [&content, offset](char* buffer, std::size_t capacity) {
                    const std::size_t count = std::min(capacity, content.size() - *offset);
                    std::memcpy(buffer, content.data() + *offset, count);
                    *offset += count;
                    return count;
                },
            .rewind = [offset] { *offset = 0; }};
}

/// Bytes that repeat nowhere near, the same for a seed.
inline std::string noise(std::size_t size, unsigned seed) {
    std::mt19937_64 generator(seed);
    std::string bytes(size, '\0');
    for (std::size_t i = 0; i < size; i += sizeof(std::uint64_t)) {
        const std::uint64_t value = generator();
        std::memcpy(bytes.data() + i, &value, std::min(sizeof value, size - i));
    }
    return bytes;
}

inline std::string digest_of(util::DigestKind kind, const std::string& content) {
    util::Digest digest(kind);
    digest.update(content);
    return digest.finish();
}

/// The problem that an action fails with; the test fails when it does not fail so.
template <typename Action>
std::optional<store::Problem> problem_of(const Action& action) {
    try {
        action();
    } catch (const store::StoreError& error) {
        EXPECT_FALSE(error.info().what.empty());
        return error.problem();
    }
    return std::nullopt;
}

} // namespace kiln::tests
