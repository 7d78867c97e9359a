#include "report/json_reporter.hpp"

#include "util/error.hpp"
#include "util/output.hpp"

#include <cerrno>

namespace kiln::report {

void JsonReporter::handle(const Event& event) {
    // A reader that has gone is not waited for, nor is the end of the program put off.
    if (!util::write_unless_ended(fd_, to_json(event) + "\n") && errno != EINTR && errno != EPIPE) {
        util::throw_errno("cannot write the event stream");
    }
}

} // namespace kiln::report
