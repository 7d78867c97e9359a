#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace kiln::util {

enum class DigestKind { md5, sha256, sha512 };

/// An incremental digest (OpenSSL libcrypto).
class Digest {
public:
    explicit Digest(DigestKind kind);
    Digest(Digest&&) noexcept;
    Digest& operator=(Digest&&) noexcept;
    Digest(const Digest&) = delete;
    Digest& operator=(const Digest&) = delete;
    ~Digest();

    void update(std::string_view data);

    /// Feeds count zero bytes.
    void update_zeros(std::uint64_t count);

    /// Lower-case hexadecimal; the object is spent afterwards.
    std::string finish();

private:
    struct Context;
    std::unique_ptr<Context> context_;
};

/// Hexadecimal SHA-256 of data.
std::string sha256(std::string_view data);

} // namespace kiln::util
