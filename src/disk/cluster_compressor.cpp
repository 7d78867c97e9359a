#include "disk/cluster_compressor.hpp"

#include "util/error.hpp"

// zlib.h takes const input only then.
#define ZLIB_CONST
#include <zlib.h>
#include <zstd.h>

namespace kiln::disk {
namespace {

/// Measured on an image of 830 MB (docs/decisions/0008-own-qcow2-writer.md).
constexpr int k_zstd_level = 3;

[[noreturn]] void throw_failure(const std::string& library) {
    throw util::Error({.what = library + " cannot compress"});
}

class ZstdCompressor : public ClusterCompressor {
public:
    ZstdCompressor() {
        if (context_ == nullptr ||
            ZSTD_isError(ZSTD_CCtx_setParameter(
                context_.get(), ZSTD_c_compressionLevel, k_zstd_level)) != 0) {
            throw_failure("libzstd");
        }
    }

    std::optional<std::size_t> compress(std::string_view cluster, char* target) override {
        const std::size_t size = ZSTD_compress2(
            context_.get(), target, cluster.size() - 1, cluster.data(), cluster.size());
        return ZSTD_isError(size) != 0 ? std::nullopt : std::optional(size);
    }

private:
    struct Free {
        void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
    };

    std::unique_ptr<ZSTD_CCtx, Free> context_{ZSTD_createCCtx()};
};

class ZlibCompressor : public ClusterCompressor {
public:
    ZlibCompressor() {
        constexpr int k_raw_window_bits = -12;
        constexpr int k_most_memory = 9;
        if (deflateInit2(&stream_,
                         Z_DEFAULT_COMPRESSION,
                         Z_DEFLATED,
                         k_raw_window_bits,
                         k_most_memory,
                         Z_DEFAULT_STRATEGY) != Z_OK) {
            throw_failure("zlib");
        }
    }

    ~ZlibCompressor() override { deflateEnd(&stream_); }

    ZlibCompressor(const ZlibCompressor&) = delete;
    ZlibCompressor& operator=(const ZlibCompressor&) = delete;
    ZlibCompressor(ZlibCompressor&&) = delete;
    ZlibCompressor& operator=(ZlibCompressor&&) = delete;

    std::optional<std::size_t> compress(std::string_view cluster, char* target) override {
        deflateReset(&stream_);
        const std::size_t room = cluster.size() - 1;
        stream_.next_in = reinterpret_cast<const Bytef*>(cluster.data());
        stream_.avail_in = static_cast<uInt>(cluster.size());
        stream_.next_out = reinterpret_cast<Bytef*>(target);
        stream_.avail_out = static_cast<uInt>(room);
        if (deflate(&stream_, Z_FINISH) != Z_STREAM_END) {
            return std::nullopt;
        }
        return room - stream_.avail_out;
    }

private:
    z_stream stream_{};
};

class NoCompressor : public ClusterCompressor {
public:
    std::optional<std::size_t> compress(std::string_view /*cluster*/, char* /*target*/) override {
        return std::nullopt;
    }
};

} // namespace

std::unique_ptr<ClusterCompressor> make_cluster_compressor(Compression compression) {
    switch (compression) {
    case Compression::zstd:
        return std::make_unique<ZstdCompressor>();
    case Compression::zlib:
        return std::make_unique<ZlibCompressor>();
    case Compression::none:
        break;
    }
    return std::make_unique<NoCompressor>();
}

} // namespace kiln::disk
