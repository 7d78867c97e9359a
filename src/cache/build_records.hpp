#pragma once

#include "cache/package_state.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kiln::cache {

/// A build that came to its end: what it left, by a key over all that it could see.
struct BuildRecord {
    struct Output {
        /// Absolute.
        std::string path;
        std::string digest;
    };

    std::string key;
    std::vector<Output> outputs{};
    /// What the user is told of: a folder stands for all in it.
    std::vector<std::string> names{};
    std::uint64_t disk_size = 0;
    /// Of all layers.
    std::vector<DatedState> states{};
    /// Manifests of its layers, and what else a use keeps from being pruned.
    std::vector<std::string> kept_by{};
};

/// Records of builds in a folder, `<key>.json`; the oldest are removed above a number.
class BuildRecords {
public:
    /// Makes the folder where missing. Throws util::Error.
    explicit BuildRecords(std::string folder);

    [[nodiscard]] std::optional<BuildRecord> find(const std::string& key) const;

    void put(const BuildRecord& record) const;

    /// Notes that all that a record stands for was used now.
    void touch(const BuildRecord& record) const;

private:
    [[nodiscard]] std::string path_of(const std::string& key) const;
    void remove_oldest() const;

    std::string folder_;
};

} // namespace kiln::cache
