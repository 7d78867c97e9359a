#include "build/program_id.hpp"

#include "util/digest.hpp"
#include "util/fd.hpp"

#include <elf.h>
#include <link.h>

#include <cstring>
#include <string_view>

namespace kiln::build {
namespace {

constexpr std::size_t k_alignment = 4;

std::size_t aligned(std::size_t size) {
    return (size + k_alignment - 1) / k_alignment * k_alignment;
}

/// The bytes of the note with the build id, or none (elf(5)).
std::string_view build_id_in(const char* note, std::size_t size) {
    while (size > sizeof(ElfW(Nhdr))) {
        ElfW(Nhdr) header{};
        std::memcpy(&header, note, sizeof(header));
        const std::size_t name = aligned(header.n_namesz);
        const std::size_t whole = sizeof(header) + name + aligned(header.n_descsz);
        if (whole > size) {
            return {};
        }
        if (header.n_type == NT_GNU_BUILD_ID && header.n_namesz == 4) {
            return {note + sizeof(header) + name, header.n_descsz};
        }
        note += whole;
        size -= whole;
    }
    return {};
}

/// The first object is the program.
int find_in_program(dl_phdr_info* info, std::size_t /*size*/, void* result) {
    for (int i = 0; i < info->dlpi_phnum; ++i) {
        const ElfW(Phdr)& header = info->dlpi_phdr[i];
        if (header.p_type == PT_NOTE) {
            // NOLINTNEXTLINE(performance-no-int-to-ptr): addresses of the loader are numbers
            const auto* note = reinterpret_cast<const char*>(info->dlpi_addr + header.p_vaddr);
            const std::string_view id = build_id_in(note, header.p_memsz);
            if (!id.empty()) {
                *static_cast<std::string*>(result) = id;
                break;
            }
        }
    }
    return 1;
}

std::string read_program_id() {
    std::string id;
    ::dl_iterate_phdr(find_in_program, &id);
    return util::sha256(id.empty() ? util::read_file("/proc/self/exe") : id);
}

} // namespace

const std::string& program_id() {
    static const std::string id = read_program_id();
    return id;
}

} // namespace kiln::build
