#include "util/secret_names.hpp"

#include <cstdint>
#include <string>

/// What was hidden once stays as it is.
// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string once = kiln::util::hide_credentials(std::string(data, data + size));
    static_cast<void>(kiln::util::hide_credentials(once));
    static_cast<void>(kiln::util::is_secret_name(once));
    return 0;
}
