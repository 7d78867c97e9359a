#pragma once

#include <string_view>

namespace kiln::util {

/// Whether a terminal or pipe takes output now; false when its reader has stopped reading.
bool takes_output(int fd);

/// Writes all of data to a terminal, a pipe or a file that somebody else owns, however long its
/// reader pauses. Gives up (false, errno set) when that one has gone, and with EINTR when a signal
/// that ends the program has come meanwhile and is held back (SignalWatch).
bool write_unless_ended(int fd, std::string_view data);

} // namespace kiln::util
