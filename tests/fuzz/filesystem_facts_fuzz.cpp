#include "inspect/filesystem_facts.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>

/// Any bytes have facts that can be shown, whatever they are taken for.
// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using kiln::disk::ProbedFilesystem;
    const std::string bytes(data, data + size);
    for (const auto kind : {ProbedFilesystem::ext,
                            ProbedFilesystem::xfs,
                            ProbedFilesystem::btrfs,
                            ProbedFilesystem::vfat,
                            ProbedFilesystem::swap,
                            ProbedFilesystem::luks,
                            ProbedFilesystem::squashfs}) {
        for (const auto& [name, value] : kiln::inspect::filesystem_facts(kind, bytes)) {
            if (value.find('\x1b') != std::string::npos || name.empty()) {
                std::abort();
            }
        }
    }
    return 0;
}
