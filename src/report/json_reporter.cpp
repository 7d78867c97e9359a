#include "report/json_reporter.hpp"

#include "util/fd.hpp"

namespace kiln::report {

void JsonReporter::handle(const Event& event) {
    util::write_all(fd_, to_json(event) + "\n", "the event stream");
}

} // namespace kiln::report
