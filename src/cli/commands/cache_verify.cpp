#include "cli/cache_access.hpp"
#include "cli/commands/cache_commands.hpp"
#include "util/error.hpp"

#include <CLI/CLI.hpp>

#include <iostream>

namespace kiln::cli {
namespace {

/// `kiln cache verify`: reads everything and compares it with its digests.
class CacheVerifyCommand : public Command {
public:
    void define(CLI::App& app) override {
        access_.define(app);
        app.add_flag("--keep", keep_, "Leave what is damaged where it is");
    }

    int run() override {
        return access_.run([this](const CacheAccess::Stores& stores) { return verify(stores); });
    }

private:
    [[nodiscard]] int verify(const CacheAccess::Stores& stores) const {
        std::size_t good = 0;
        std::size_t damaged = 0;
        const auto judge = [&](bool intact, const std::string& name, const auto& remove) {
            ++(intact ? good : damaged);
            if (!intact) {
                const bool removed = !keep_ && remove();
                std::cout << "damaged: " << name << (removed ? "; removed" : "") << "\n";
            }
        };
        for (const cache::Layer& layer : stores.layers.layers()) {
            judge(stores.layers.has_its_digest(layer),
                  "layer " + layer.title + " (" + layer.element + "), " +
                      stores.layers.root_of(layer.name),
                  [&] { return stores.layers.remove(layer.name); });
        }
        for (const std::string& name : stores.layers.unreadable()) {
            judge(false, "manifest of " + stores.layers.root_of(name), [&] {
                return stores.layers.remove(name);
            });
        }
        for (const cache::FinishedImages::Object& object : stores.images.objects()) {
            judge(stores.images.is_intact(object.digest), "image sha256:" + object.digest, [&] {
                return stores.images.remove_object(object.digest);
            });
        }
        std::cout << good << " good, " << damaged << " damaged\n";
        return static_cast<int>(damaged == 0 ? util::ExitCode::ok : util::ExitCode::failed);
    }

    CacheAccess access_;
    bool keep_ = false;
};

} // namespace

std::unique_ptr<Command> make_cache_verify_command() {
    return std::make_unique<CacheVerifyCommand>();
}

} // namespace kiln::cli
