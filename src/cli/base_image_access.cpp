#include "cli/base_image_access.hpp"

#include "base/base_images.hpp"
#include "base/settings.hpp"
#include "net/curl_client.hpp"
#include "util/signal.hpp"
#include "util/text.hpp"

#include <unistd.h>

namespace kiln::cli {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::seconds k_interval{10};

} // namespace

void ProgressLines::handle(const report::Event& event) {
    if (event.kind == report::EventKind::begin) {
        told_ = steady_clock::now();
    } else if (event.kind == report::EventKind::progress &&
               steady_clock::now() - told_ >= k_interval) {
        told_ = steady_clock::now();
        const std::string total = event.total > 0 ? " of " + util::human_bytes(event.total) : "";
        out_.info("    " + util::human_bytes(event.done) + total);
    }
}

PlainReporter::PlainReporter()
    : terminal_(
          STDERR_FILENO, report::TerminalStyle::plain, report::TerminalReporter::OutputLevel::all),
      progress_(terminal_) {
    add(terminal_);
    add(progress_);
}

base::ImageInUse obtain_base_image(const base::ImageSource& source,
                                   const process::Environment& environment,
                                   process::Runner& runner,
                                   report::Reporter& reporter) {
    util::SignalWatch signals;
    const auto look_for_signals = [&signals] {
        if (const auto number = signals.take()) {
            throw util::Interrupted(*number);
        }
    };
    net::ClientOptions client_options = base::client_options(environment);
    client_options.on_wait = look_for_signals;
    base::BaseImageOptions options = base::base_image_options(environment);
    options.on_wait = look_for_signals;
    net::CurlClient client(client_options, reporter);
    return base::BaseImages(options, client, runner, reporter).obtain(source);
}

} // namespace kiln::cli
