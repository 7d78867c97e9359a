#include "cache/tend.hpp"
#include "cli/cache_access.hpp"
#include "cli/commands/cache_commands.hpp"
#include "cli/numbers.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

#include <CLI/CLI.hpp>

#include <cmath>
#include <iostream>

namespace kiln::cli {
namespace {

constexpr double k_bytes_per_gib = 1024.0 * 1024 * 1024;

/// `kiln cache prune`: down to a size, or all that no build uses.
class CachePruneCommand : public Command {
public:
    void define(CLI::App& app) override {
        access_.define(app);
        app.add_option("--cache-size", size_, "Down to this size, GB [20]");
        app.add_flag("--all", all_, "All that no build uses now");
    }

    int run() override {
        if (all_ && !size_.empty()) {
            throw util::Error({.what = "--all and --cache-size exclude each other",
                               .code = util::ExitCode::usage});
        }
        const std::uint64_t limit = all_ ? 0 : limit_from(size_.empty() ? "20" : size_);
        return access_.run([limit](const CacheAccess::Stores& stores) {
            const cache::Tended tended = cache::tend(stores.layers, stores.images, limit);
            std::cout << tended.layers << " layers and " << tended.images
                      << " image files removed, " << util::human_bytes(tended.bytes) << "; "
                      << util::human_bytes(cache::size_of(stores.layers, stores.images))
                      << " stay\n";
            return 0;
        });
    }

private:
    static std::uint64_t limit_from(const std::string& text) {
        const double value = positive_number(text, "--cache-size") * k_bytes_per_gib;
        constexpr double k_most = k_bytes_per_gib * k_bytes_per_gib;
        return static_cast<std::uint64_t>(std::llround(std::min(value, k_most)));
    }

    CacheAccess access_;
    std::string size_;
    bool all_ = false;
};

} // namespace

std::unique_ptr<Command> make_cache_prune_command() {
    return std::make_unique<CachePruneCommand>();
}

} // namespace kiln::cli
