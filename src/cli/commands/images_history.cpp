#include "catalog/apply.hpp"
#include "cli/commands/images_commands.hpp"
#include "cli/reporting.hpp"
#include "cli/store_work.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <iomanip>
#include <iostream>

namespace kiln::cli {
namespace {

using catalog::Family;
using store::Image;

struct History {
    std::string store;
    std::vector<Family> families{};
};

/// Complete ones by age, then the others.
std::vector<const Image*> in_order(const Family& family) {
    std::vector<const Image*> images;
    if (const Image* current = catalog::current_of(family)) {
        images = catalog::others_by_age(family, current->id);
        images.insert(images.begin(), current);
    } else {
        images = catalog::others_by_age(family, "");
    }
    for (const Image& image : family.images) {
        if (!image.is_complete()) {
            images.push_back(&image);
        }
    }
    return images;
}

std::string standing_text(const Family& family, const Image& image) {
    const catalog::Standing standing = catalog::standing_of(family, image);
    return standing == catalog::Standing::incomplete ? store::status_name(image.status)
                                                     : catalog::standing_name(standing);
}

std::string visibility_text(const Image& image) {
    return store::visibility_name(image.visibility) + (image.hidden ? ", hidden" : "") +
           (image.status == store::ImageStatus::deactivated ? ", deactivated" : "") +
           (image.is_protected ? ", protected" : "");
}

void print_family(const Family& family) {
    std::cout << family.name << "\n";
    for (const Image* image : in_order(family)) {
        const std::string promoted = image->property(catalog::key::k_promoted).substr(0, 19);
        std::cout << "  " << std::left << std::setw(13) << standing_text(family, *image)
                  << std::setw(17) << image->property(catalog::key::k_version) << image->id << "  "
                  << std::right << std::setw(9)
                  << (image->size ? util::human_bytes(*image->size) : "-") << "  " << std::left
                  << std::setw(21) << (promoted.empty() ? "never current" : promoted + "Z")
                  << visibility_text(*image) << std::right << "\n";
    }
}

nlohmann::ordered_json json_of(const Family& family, const Image& image) {
    return {{"id", image.id},
            {"name", image.name},
            {"standing", catalog::standing_name(catalog::standing_of(family, image))},
            {"status", store::status_name(image.status)},
            {"visibility", store::visibility_name(image.visibility)},
            {"hidden", image.hidden},
            {"protected", image.is_protected},
            {"version", image.property(catalog::key::k_version)},
            {"size", image.size.value_or(0)},
            {"created_at", image.created_at},
            {"promoted", image.property(catalog::key::k_promoted)},
            {"rolled_back", image.property(catalog::key::k_rolled_back)},
            {"digest", image.property(catalog::key::k_digest)},
            {"build", image.property(catalog::key::k_build)}};
}

/// `kiln images history`: the images of each name.
class ImagesHistoryCommand : public Command {
public:
    void define(CLI::App& app) override {
        app.add_option("NAME", names_, "Only these names [all]");
        stores_.define(app);
        reporting_.define_for_stores(app);
    }

    int run() override {
        report::FanOut reporters;
        reporting_.add_to(reporters);
        const std::vector<StoreTarget> targets = stores_.targets(reporters);
        std::vector<History> histories(targets.size());
        const int code =
            work_on(targets,
                    reporters,
                    [&](store::ImageStore& store, report::Reporter&, std::size_t index) {
                        histories[index] = read(store);
                    });
        reporting_.json() ? print_json(histories) : print_text(histories);
        std::cout.flush();
        return code;
    }

private:
    [[nodiscard]] History read(store::ImageStore& store) const {
        History history = {.store = store.describe()};
        if (names_.size() == 1) {
            history.families = {catalog::read_family(store, stores_.tag(), names_.front())};
        } else {
            history.families = catalog::families_of(catalog::managed_images(store, stores_.tag()));
        }
        const auto is_unwanted = [&](const Family& family) {
            return family.images.empty() ||
                   (!names_.empty() &&
                    std::find(names_.begin(), names_.end(), family.name) == names_.end());
        };
        auto& families = history.families;
        families.erase(std::remove_if(families.begin(), families.end(), is_unwanted),
                       families.end());
        if (!names_.empty() && families.empty()) {
            throw util::Error({.what = history.store + " has no image '" +
                                       util::join(names_, "' or '") + "' that kiln manages",
                               .hint = "see what there is: kiln images history",
                               .code = util::ExitCode::usage});
        }
        return history;
    }

    static void print_text(const std::vector<History>& histories) {
        for (const History& history : histories) {
            if (history.store.empty()) {
                continue;
            }
            std::cout << "# " << history.store
                      << (history.families.empty() ? ": no images that kiln manages" : "") << "\n";
            for (const Family& family : history.families) {
                print_family(family);
            }
        }
    }

    static void print_json(const std::vector<History>& histories) {
        nlohmann::ordered_json all = nlohmann::json::array();
        for (const History& history : histories) {
            nlohmann::ordered_json names = nlohmann::json::array();
            for (const Family& family : history.families) {
                nlohmann::ordered_json images = nlohmann::json::array();
                for (const Image* image : in_order(family)) {
                    images.push_back(json_of(family, *image));
                }
                names.push_back({{"name", family.name}, {"images", images}});
            }
            all.push_back({{"store", history.store}, {"names", names}});
        }
        std::cout << all.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << "\n";
    }

    std::vector<std::string> names_;
    StoreFlags stores_;
    ReportingFlags reporting_;
};

} // namespace

std::unique_ptr<Command> make_images_history_command() {
    return std::make_unique<ImagesHistoryCommand>();
}

} // namespace kiln::cli
