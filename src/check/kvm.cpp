#include "check/kvm.hpp"

#include "util/atomic_file.hpp"
#include "util/error.hpp"
#include "util/fd.hpp"
#include "util/text.hpp"

#include <unistd.h>

#include <filesystem>
#include <optional>

namespace kiln::check {
namespace {

std::optional<Accelerator> recall(const KvmMemory& memory) {
    if (::access(memory.file.c_str(), R_OK) != 0) {
        return std::nullopt;
    }
    const auto words = util::split_words(util::read_file(memory.file));
    if (words.size() != 2 || words[0] != memory.boot_id) {
        return std::nullopt;
    }
    return words[1] == "kvm" ? Accelerator::kvm : Accelerator::tcg;
}

void keep(const KvmMemory& memory, Accelerator answer) {
    std::filesystem::create_directories(std::filesystem::path(memory.file).parent_path());
    util::write_file_atomically(
        memory.file, memory.boot_id + (answer == Accelerator::kvm ? " kvm\n" : " tcg\n"));
}

} // namespace

Accelerator choose_accelerator(const KvmMemory& memory, process::Runner& runner) {
    if (::access("/dev/kvm", R_OK | W_OK) != 0) {
        return Accelerator::tcg;
    }
    if (const auto known = recall(memory)) {
        return *known;
    }
    const process::Result result = runner.run(probe_command(Accelerator::kvm));
    const bool works = result.exit_code == 0 && !result.timed_out;
    const Accelerator answer = works ? Accelerator::kvm : Accelerator::tcg;
    keep(memory, answer);
    return answer;
}

KvmMemory kvm_memory(const std::string& state_dir) {
    const std::string id = util::read_file("/proc/sys/kernel/random/boot_id");
    return {.file = state_dir + "/kvm", .boot_id = std::string(util::trim(id))};
}

} // namespace kiln::check
