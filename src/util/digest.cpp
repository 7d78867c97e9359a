#include "util/digest.hpp"

#include "util/error.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>

namespace kiln::util {
namespace {

const EVP_MD* method(DigestKind kind) {
    switch (kind) {
    case DigestKind::md5:
        return EVP_md5();
    case DigestKind::sha256:
        return EVP_sha256();
    case DigestKind::sha512:
        return EVP_sha512();
    }
    return nullptr;
}

} // namespace

struct Digest::Context {
    EVP_MD_CTX* handle = EVP_MD_CTX_new();

    Context() = default;
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;
    Context(Context&&) = delete;
    Context& operator=(Context&&) = delete;

    ~Context() { EVP_MD_CTX_free(handle); }
};

Digest::Digest(DigestKind kind) : context_(std::make_unique<Context>()) {
    if (EVP_DigestInit_ex(context_->handle, method(kind), nullptr) != 1) {
        throw Error({.what = "libcrypto cannot make this kind of digest"});
    }
}

Digest::Digest(Digest&&) noexcept = default;
Digest& Digest::operator=(Digest&&) noexcept = default;
Digest::~Digest() = default;

void Digest::update(std::string_view data) {
    EVP_DigestUpdate(context_->handle, data.data(), data.size());
}

void Digest::update_zeros(std::uint64_t count) {
    static constexpr std::array<char, 65536> k_zeros{};
    while (count > 0) {
        const std::uint64_t part = std::min<std::uint64_t>(count, k_zeros.size());
        update({k_zeros.data(), static_cast<std::size_t>(part)});
        count -= part;
    }
}

std::string Digest::finish() {
    static constexpr std::string_view k_digits = "0123456789abcdef";
    std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
    unsigned length = 0;
    EVP_DigestFinal_ex(context_->handle, bytes.data(), &length);
    std::string text;
    for (unsigned i = 0; i < length; ++i) {
        text += k_digits.at(bytes.at(i) >> 4U);
        text += k_digits.at(bytes.at(i) & 15U);
    }
    return text;
}

std::string sha256(std::string_view data) {
    Digest digest(DigestKind::sha256);
    digest.update(data);
    return digest.finish();
}

} // namespace kiln::util
