#include "cli/cache_access.hpp"
#include "cli/commands/cache_commands.hpp"
#include "util/text.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <iomanip>
#include <iostream>
#include <map>

namespace kiln::cli {
namespace {

using cache::FinishedImages;
using cache::ImageRecord;
using cache::Layer;

constexpr int k_size_width = 9;
constexpr int k_age_width = 14;

std::string age_of(std::int64_t time) {
    const std::int64_t seconds = std::max<std::int64_t>(std::time(nullptr) - time, 0);
    constexpr std::int64_t k_minute = 60;
    constexpr std::int64_t k_hour = 60 * k_minute;
    constexpr std::int64_t k_day = 24 * k_hour;
    if (seconds < 2 * k_minute) {
        return std::to_string(seconds) + " s ago";
    }
    if (seconds < 2 * k_hour) {
        return std::to_string(seconds / k_minute) + " min ago";
    }
    return seconds < 2 * k_day ? std::to_string(seconds / k_hour) + " h ago"
                               : std::to_string(seconds / k_day) + " days ago";
}

void print_row(std::uint64_t bytes, std::int64_t used, const std::string& text) {
    std::cout << std::setw(k_size_width) << util::human_bytes(bytes) << "  "
              << std::setw(k_age_width) << std::left << age_of(used) << std::right << text << "\n";
}

/// `kiln cache list`: what is there, the last used first.
class CacheListCommand : public Command {
public:
    void define(CLI::App& app) override {
        access_.define(app);
        app.add_flag("--json", json_, "One JSON document");
    }

    int run() override {
        return access_.run([this](const CacheAccess::Stores& stores) {
            json_ ? print_json(stores) : print_text(stores);
            return 0;
        });
    }

private:
    static std::vector<Layer> sorted_layers(const CacheAccess::Stores& stores) {
        std::vector<Layer> layers = stores.layers.layers();
        std::map<std::string, std::int64_t> used;
        for (const Layer& layer : layers) {
            used[layer.name] = stores.layers.last_use(layer.name);
        }
        std::sort(layers.begin(), layers.end(), [&](const Layer& a, const Layer& b) {
            return used[a.name] != used[b.name] ? used[a.name] > used[b.name] : a.name < b.name;
        });
        return layers;
    }

    static void print_text(const CacheAccess::Stores& stores) {
        std::uint64_t total = 0;
        for (const Layer& layer : sorted_layers(stores)) {
            total += layer.digest.bytes;
            print_row(layer.digest.bytes,
                      stores.layers.last_use(layer.name),
                      "layer  " + layer.title + " (" + layer.element + ")");
        }
        for (const FinishedImages::Object& object : stores.images.objects()) {
            total += object.bytes;
            const auto record = stores.images.find_by_file(object.digest);
            print_row(object.bytes,
                      object.used,
                      "image  " + (record ? kind_of(*record, object.digest) : "") +
                          " sha256:" + object.digest.substr(0, 16));
        }
        std::cout << util::human_bytes(total) << " in all\n";
    }

    static std::string kind_of(const ImageRecord& record, const std::string& digest) {
        for (const auto& [name, file] : record.files) {
            if (file.digest == digest) {
                return std::string(util::trim(name));
            }
        }
        return "";
    }

    static void print_json(const CacheAccess::Stores& stores) {
        nlohmann::ordered_json layers = nlohmann::json::array();
        for (const Layer& layer : sorted_layers(stores)) {
            layers.push_back({{"name", layer.name},
                              {"hook", layer.title},
                              {"element", layer.element},
                              {"key", layer.base_key},
                              {"digest", layer.digest.content},
                              {"bytes", layer.digest.bytes},
                              {"files", layer.digest.entries},
                              {"created", layer.created},
                              {"used", stores.layers.last_use(layer.name)},
                              {"milliseconds", layer.took}});
        }
        nlohmann::ordered_json images = nlohmann::json::array();
        for (const FinishedImages::Object& object : stores.images.objects()) {
            images.push_back(
                {{"sha256", object.digest}, {"bytes", object.bytes}, {"used", object.used}});
        }
        std::cout << nlohmann::ordered_json({{"layers", layers}, {"images", images}}).dump(2)
                  << "\n";
    }

    CacheAccess access_;
    bool json_ = false;
};

} // namespace

std::unique_ptr<Command> make_cache_list_command() {
    return std::make_unique<CacheListCommand>();
}

} // namespace kiln::cli
