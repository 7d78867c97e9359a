#include "cli/commands/tool_fetch_image.hpp"

#include "base/image_copy.hpp"
#include "cli/base_image_access.hpp"
#include "process/posix_runner.hpp"
#include "util/error.hpp"

#include <iostream>

namespace kiln::cli {

std::vector<std::string> fetch_base_image(const process::Environment& environment,
                                          const std::vector<std::string>& arguments) {
    if (arguments.size() > 1) {
        throw util::Error({.what = "fetch-image takes one path at most",
                           .hint = "kiln tool fetch-image PATH",
                           .code = util::ExitCode::usage});
    }
    const base::ImageSource source = base::locate(environment);
    PlainReporter reporter;
    process::PosixRunner runner;
    const base::ImageInUse image = obtain_base_image(source, environment, runner, reporter);
    if (!arguments.empty()) {
        const bool copied =
            base::copy_image(image.path(), arguments.front()) == base::CopyResult::copied;
        reporter.info("'" + arguments.front() + "' " +
                      (copied ? "is a copy of " + image.path() : "is that image already"));
    }
    std::cout << (arguments.empty() ? image.path() : arguments.front()) << "\n";
    return {};
}

} // namespace kiln::cli
