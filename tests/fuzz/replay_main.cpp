// Runs a fuzz harness over the files of its corpus, for compilers without libFuzzer.
#include "util/fd.hpp"

#include <algorithm>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

namespace fs = std::filesystem;

std::vector<fs::path> files_in(const fs::path& directory) {
    std::vector<fs::path> files;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(directory)) {
        if (entry.is_regular_file()) {
            files.push_back(entry.path());
        }
    }
    std::sort(files.begin(), files.end());
    return files;
}

int replay(const fs::path& directory) {
    const std::vector<fs::path> files = files_in(directory);
    for (const fs::path& file : files) {
        std::cout << file.filename().string() << std::endl; // flushed: a crash follows its name
        const std::string content = kiln::util::read_file(file.string());
        const std::vector<std::uint8_t> bytes(content.begin(), content.end());
        LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
    }
    return files.empty() ? 1 : 0;
}

} // namespace

int main(int argc, char** argv) {
    try {
        return argc == 2 ? replay(argv[1]) : 2;
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
}
