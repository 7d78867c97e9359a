#include "chain/image_process.hpp"

#include "process/posix_runner.hpp"
#include "util/signal.hpp"
#include "util/text.hpp"

#include <nlohmann/json.hpp>

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace kiln::chain {
namespace {

/// A chain that has sent its outcome has nothing left to do.
constexpr std::chrono::seconds k_patience{20};

void send(int output, const std::string& kind, const std::string& stage, const std::string& text) {
    const nlohmann::json line = {{"kind", kind}, {"stage", stage}, {"text", text}};
    util::write_all(output,
                    line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n",
                    "the pipe to kiln run");
}

/// In the new process.
void work(int output,
          const std::function<ImageOutcome(const ChainTools&)>& chain,
          const Caller& caller) {
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    util::SignalWatch signals;
    process::PosixRunner runner;
    std::optional<int> ended;
    const ChainTools tools = {.runner = runner,
                              .caller = caller,
                              .events =
                                  [output](const std::string& stage, const report::Event& event) {
                                      send(output, "event", stage, to_json(event));
                                  },
                              .check_signals =
                                  [&] {
                                      if (!ended) {
                                          ended = signals.take();
                                      }
                                      if (ended) {
                                          throw util::Interrupted(*ended);
                                      }
                                  },
                              .is_ended =
                                  [&] {
                                      if (!ended) {
                                          ended = signals.take();
                                      }
                                      return ended.has_value();
                                  }};
    send(output, "outcome", "", to_json(chain(tools)));
}

} // namespace

ImageProcess::ImageProcess(const ImageDefinition& image,
                           const std::function<ImageOutcome(const ChainTools&)>& chain,
                           const Caller& caller,
                           RunView& view)
    : name_(image.name),
      view_(view),
      child_([&](int output) { work(output, chain, caller); }),
      lines_([this](std::string_view line) { take(std::string(line)); }) {
    view_.started(name_);
}

bool ImageProcess::read_some() {
    std::array<char, 65536> buffer{};
    const ssize_t count = ::read(output(), buffer.data(), buffer.size());
    if (count > 0) {
        lines_.add({buffer.data(), static_cast<std::size_t>(count)});
        return true;
    }
    return count < 0 && (errno == EINTR || errno == EAGAIN);
}

/// A long line comes in parts.
void ImageProcess::take(const std::string& line) {
    outcome_text_ += line;
    const auto object = nlohmann::json::parse(outcome_text_, nullptr, false);
    if (object.is_discarded()) {
        return;
    }
    if (object.value("kind", "") == "event") {
        view_.event(
            name_, object.value("stage", ""), report::event_from_json(object.value("text", "")));
        outcome_text_.clear();
    }
}

ImageOutcome ImageProcess::finish() {
    lines_.finish();
    const process::Result result = child_.finish(k_patience);
    const auto object = nlohmann::json::parse(outcome_text_, nullptr, false);
    if (!object.is_discarded() && object.is_object() && object.value("kind", "") == "outcome") {
        return outcome_from_json(object.value("text", ""));
    }
    util::ErrorInfo error = {.what = "the chain of the image ended from outside (exit code " +
                                     std::to_string(result.exit_code) + ")",
                             .hint = "was it killed, or is memory short? run it again",
                             .excerpt = util::last_lines(result.err, 20)};
    return {.name = name_, .failed_stage = "run", .error = error};
}

} // namespace kiln::chain
