#include "disk/qcow2_writer.hpp"

#include "disk/cluster_compressor.hpp"
#include "disk/data_ranges.hpp"
#include "disk/ordered_work.hpp"
#include "disk/raw_file.hpp"
#include "disk/sizes.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string_view>
#include <thread>

namespace kiln::disk {
namespace {

constexpr unsigned k_most_threads = 16;
/// Large enough that handing over costs nothing, small enough for the caches of a processor.
constexpr std::uint64_t k_batch_clusters = 8;

/// Neighbouring clusters that one thread reads and packs.
struct Batch {
    std::uint64_t first = 0;
    std::uint64_t count = 0;
};

/// A cluster that is not all zeros, as it will be stored.
struct StoredCluster {
    std::uint64_t number = 0;
    /// Of its bytes in the batch; a whole cluster is stored as it is.
    std::size_t size = 0;
};

struct PackedBatch {
    std::vector<StoredCluster> clusters;
    /// Of all of them, one after the other.
    std::vector<char> bytes;
};

/// Every cluster with data once, in order.
std::vector<Batch> make_batches(const RawFile& raw) {
    std::vector<Batch> batches;
    std::uint64_t next = 0;
    for (const Region& range : data_ranges(raw)) {
        next = std::max(next, range.offset / k_qcow2_cluster);
        const std::uint64_t end =
            (range.offset + range.size + k_qcow2_cluster - 1) / k_qcow2_cluster;
        while (next < end) {
            const std::uint64_t count = std::min(k_batch_clusters, end - next);
            batches.push_back({.first = next, .count = count});
            next += count;
        }
    }
    return batches;
}

bool all_zeros(std::string_view bytes) {
    return bytes.front() == 0 && std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0;
}

/// What one thread has of its own.
class BatchPacker {
public:
    BatchPacker(const RawFile& raw, std::uint64_t size, Compression compression)
        : raw_(raw), size_(size), compressor_(make_cluster_compressor(compression)) {}

    void pack(const Batch& batch, PackedBatch& packed) {
        read(batch);
        packed.clusters.clear();
        packed.bytes.resize(k_batch_clusters * k_qcow2_cluster);
        char* place = packed.bytes.data();
        for (std::uint64_t i = 0; i < batch.count; ++i) {
            const std::string_view cluster(data_.data() + i * k_qcow2_cluster, k_qcow2_cluster);
            if (!all_zeros(cluster)) {
                const std::size_t size = store(cluster, place);
                packed.clusters.push_back({.number = batch.first + i, .size = size});
                place += size;
            }
        }
    }

private:
    /// The last cluster of a disk may be cut; zeros follow it.
    void read(const Batch& batch) {
        const std::uint64_t offset = batch.first * k_qcow2_cluster;
        const std::uint64_t wanted = batch.count * k_qcow2_cluster;
        const std::uint64_t length = std::min(wanted, size_ - offset);
        raw_.read(offset, data_.data(), length);
        std::fill(data_.begin() + static_cast<std::ptrdiff_t>(length),
                  data_.begin() + static_cast<std::ptrdiff_t>(wanted),
                  '\0');
    }

    std::size_t store(std::string_view cluster, char* place) {
        const std::optional<std::size_t> size = compressor_->compress(cluster, place);
        if (!size) {
            std::copy(cluster.begin(), cluster.end(), place);
        }
        return size.value_or(cluster.size());
    }

    const RawFile& raw_;
    std::uint64_t size_;
    std::unique_ptr<ClusterCompressor> compressor_;
    std::vector<char> data_ = std::vector<char>(k_batch_clusters * k_qcow2_cluster);
};

/// Neighbours in the file in one write.
void write_batch(const PackedBatch& batch, Qcow2Map& map, const RawFile& file) {
    const char* start = batch.bytes.data();
    std::size_t length = 0;
    std::uint64_t offset = 0;
    for (const StoredCluster& cluster : batch.clusters) {
        const std::uint64_t place = cluster.size == k_qcow2_cluster
                                        ? map.add_plain(cluster.number)
                                        : map.add_packed(cluster.number, cluster.size);
        if (place != offset + length) {
            file.write(offset, {start, length});
            start += length;
            length = 0;
            offset = place;
        }
        length += cluster.size;
    }
    file.write(offset, {start, length});
}

unsigned count_threads(unsigned wanted) {
    const unsigned count = wanted != 0 ? wanted : std::thread::hardware_concurrency();
    return std::clamp(count, 1U, k_most_threads);
}

} // namespace

void write_qcow2(const std::string& raw_path,
                 const std::string& target,
                 const Qcow2Options& options) {
    const RawFile raw = RawFile::open_readable(raw_path);
    const RawFile file = RawFile::create(target, 0);
    const std::uint64_t size = raw.size();
    const std::vector<Batch> batches = make_batches(raw);
    Qcow2Map map((size + k_sector - 1) / k_sector * k_sector);
    OrderedWork<PackedBatch> work(batches.size());
    const auto make_packer = [&]() -> OrderedWork<PackedBatch>::Produce {
        const auto packer = std::make_shared<BatchPacker>(raw, size, options.compression);
        return [&, packer](std::size_t index, PackedBatch& packed) {
            packer->pack(batches[index], packed);
        };
    };
    work.run(count_threads(options.threads), make_packer, [&](const PackedBatch& packed) {
        write_batch(packed, map, file);
    });
    file.write(map.finish(options.version, options.compression));
    if (::ftruncate(file.fd(), static_cast<off_t>(map.file_size())) != 0) {
        throw_write_error(target);
    }
}

} // namespace kiln::disk
