#include "store/glance/tries.hpp"

#include "store/glance/http_facts.hpp"
#include "util/secret_names.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <random>
#include <thread>

namespace kiln::store {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds k_slice{100};

/// Of a server's words.
constexpr std::size_t k_longest_text = 500;

double random_jitter() {
    thread_local std::mt19937 engine{std::random_device{}()};
    return std::uniform_real_distribution<double>(0, 1)(engine);
}

std::string hint_for(const net::HttpResult& result) {
    switch (result.failure) {
    case net::FailureKind::none:
        return "the service is overloaded or down: try again later, or ask who runs it";
    case net::FailureKind::untrusted:
        return "name the file of its certificate authority in 'cacert' of clouds.yaml "
               "(OS_CACERT), or, to trust any certificate, give --insecure";
    case net::FailureKind::bad_address:
        return "is the address right? it comes from auth_url, the catalog or "
               "image_endpoint_override";
    case net::FailureKind::too_large:
        return "is this the right service?";
    default:
        return "is the network up? a proxy is taken from http_proxy and https_proxy";
    }
}

} // namespace

SessionOptions with_defaults(SessionOptions options) {
    if (!options.sleep) {
        options.sleep = [](milliseconds duration) { std::this_thread::sleep_for(duration); };
    }
    if (!options.jitter) {
        options.jitter = random_jitter;
    }
    if (!options.now) {
        options.now = [] { return std::chrono::system_clock::now(); };
    }
    return options;
}

std::string reason_of(const net::HttpResult& result) {
    return result.has_answer() ? "the server answered " + std::to_string(result.answer.status)
                               : result.reason;
}

std::string shown(std::string text, const std::vector<std::string>& secrets) {
    for (const std::string& secret : secrets) {
        text = util::replace_all(std::move(text), secret, util::k_hidden);
    }
    std::replace_if(
        text.begin(), text.end(), [](unsigned char c) { return c < ' ' || c == 0x7f; }, ' ');
    return text.size() <= k_longest_text ? text : text.substr(0, k_longest_text) + "...";
}

void pause(milliseconds duration, const SessionOptions& options) {
    while (duration > milliseconds(0)) {
        if (options.on_wait) {
            options.on_wait();
        }
        const milliseconds slice = std::min(duration, k_slice);
        options.sleep(slice);
        duration -= slice;
    }
}

void Tries::wait_after(const net::HttpResult& result, const std::string& reason) {
    ++failures_;
    if (failures_ >= options_.retry.tries) {
        const std::string count =
            failures_ == 1 ? "" : " (tried " + std::to_string(failures_) + " times)";
        give_up(call_, result, reason + count);
    }
    const milliseconds delay = net::retry_delay(
        options_.retry, failures_, options_.jitter(), retry_after(result.answer, options_.now()));
    reporter_.warn(call_ + ": " + reason + "; trying again in " + util::human_duration(delay));
    pause(delay, options_);
}

void give_up(const std::string& call, const net::HttpResult& result, const std::string& reason) {
    throw StoreError(
        Problem::unavailable,
        {.what = call + ": " + reason, .hint = hint_for(result), .code = util::ExitCode::remote});
}

} // namespace kiln::store
