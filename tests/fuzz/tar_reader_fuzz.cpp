#include "archive/tar_reader.hpp"
#include "util/error.hpp"
#include "util/fd.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

class Sink : public kiln::util::TreeSink {
public:
    void add(const kiln::util::TreeEntry& entry) override { size_ = entry.size; }

    void data(std::uint64_t offset, std::string_view bytes) override {
        if (offset > size_ || bytes.size() > size_ - offset) {
            throw kiln::util::Error({.what = "more bytes than the size says"});
        }
    }

    void finish() override {}

private:
    std::uint64_t size_ = 0;
};

} // namespace

/// Any bytes are read as a tar, or refused with an Error.
// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const kiln::util::Fd file(::memfd_create("fuzz", MFD_CLOEXEC));
    kiln::util::write_all(file.get(), std::string(data, data + size), "fuzz");
    ::lseek(file.get(), 0, SEEK_SET);
    try {
        Sink sink;
        kiln::archive::read_tar({.fd = file.get(), .name = "fuzz"}, sink);
    } catch (const kiln::util::Error&) { // NOLINT(bugprone-empty-catch): a good answer
    }
    return 0;
}
