#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace kiln::report {

/// "512 MiB of 1.0 GiB, 120 MiB/s, 4 s left": bytes done of total (0: not known) in so much time.
/// Rate and time left are told once they mean something; empty when nothing is done.
std::string
progress_text(std::uint64_t done, std::uint64_t total, std::chrono::milliseconds elapsed);

/// "120 MiB/s"; empty for less than a millisecond.
std::string rate_text(std::uint64_t bytes, std::chrono::milliseconds elapsed);

} // namespace kiln::report
