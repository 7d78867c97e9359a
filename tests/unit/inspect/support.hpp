#pragma once

#include "inspect/tree_index.hpp"
#include "process/posix_runner.hpp"
#include "process/tool_check.hpp"
#include "support/memory_reporter.hpp"
#include "unit/util/test_files.hpp"

#include <gmock/gmock.h>

#include <functional>
#include <string>
#include <vector>

namespace kiln::tests {

/// Standard output of a program that must succeed.
inline std::string output_of(const std::vector<std::string>& argv) {
    process::PosixRunner runner;
    const process::Result result =
        runner.run({.argv = argv, .environment = process::tool_environment()});
    EXPECT_EQ(result.exit_code, 0) << argv.front() << ": " << result.out << result.err;
    return result.out;
}

inline util::TreeEntry file_entry(const std::string& path, std::uint64_t size = 0) {
    return {.path = path, .type = util::EntryType::regular, .mode = 0644, .size = size};
}

inline util::TreeEntry folder_entry(const std::string& path) {
    return {.path = path, .type = util::EntryType::directory, .mode = 0755};
}

inline util::TreeEntry link_entry(const std::string& path, const std::string& first) {
    return {.path = path, .type = util::EntryType::hard_link, .target = first};
}

/// What an indexer makes of what a test sends to it.
inline inspect::TreeIndex index_of(const std::function<void(util::TreeSink&)>& send) {
    inspect::TreeIndexer indexer{base::UnpackLimits{}};
    send(indexer);
    indexer.finish();
    return indexer.take();
}

} // namespace kiln::tests
