#include "disk/ext4_tree.hpp"
#include "util/error.hpp"
#include "util/fd.hpp"

#include <sys/mman.h>

#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

/// Refuses more than the image can hold, so that a lie does not make the run long.
class Sink : public kiln::util::TreeSink {
public:
    explicit Sink(std::size_t most) : most_(most) {}

    void add(const kiln::util::TreeEntry& entry) override { size_ = entry.size; }

    void data(std::uint64_t offset, std::string_view bytes) override {
        if (offset > size_ || bytes.size() > size_ - offset) {
            std::abort();
        }
        if (bytes.size() > most_) {
            std::abort();
        }
        most_ -= bytes.size();
    }

    void finish() override {}

private:
    std::size_t most_;
    std::uint64_t size_ = 0;
};

} // namespace

/// Any image is refused with an Error, or gives a tree whose files hold no more than the image.
// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const kiln::util::Fd image(::memfd_create("fuzz", MFD_CLOEXEC));
    kiln::util::write_all(image.get(), std::string(data, data + size), "fuzz");
    const std::string path = "/proc/self/fd/" + std::to_string(image.get());
    try {
        const kiln::disk::Ext4Tree tree(path, {.offset = 0, .size = size});
        static_cast<void>(tree.exists("/etc/os-release"));
        Sink sink(size * 2);
        tree.read(sink);
    } catch (const kiln::util::Error&) { // NOLINT(bugprone-empty-catch): a good answer
    }
    return 0;
}
