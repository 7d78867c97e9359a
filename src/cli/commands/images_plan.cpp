#include "catalog/apply.hpp"
#include "cli/commands/images_commands.hpp"
#include "cli/reporting.hpp"
#include "cli/rotation_flags.hpp"
#include "cli/rotation_result.hpp"
#include "cli/store_work.hpp"
#include "util/error.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>

namespace kiln::cli {
namespace {

using catalog::Family;

void require_all(const std::vector<std::string>& wanted,
                 const std::vector<Family>& families,
                 const std::string& store) {
    for (const std::string& name : wanted) {
        const auto same = [&](const Family& family) { return family.name == name; };
        if (std::none_of(families.begin(), families.end(), same)) {
            throw util::Error({.what = store + " has no image '" + name + "' that kiln manages",
                               .hint = "see what there is: kiln images history",
                               .code = util::ExitCode::usage});
        }
    }
}

/// `kiln images plan` and `kiln images apply`: heals names after broken swaps, and tends older
/// images. Three requests for all names of a cloud, the token included.
class ImagesApplyCommand : public Command {
public:
    explicit ImagesApplyCommand(Tense tense) : tense_(tense) {}

    void define(CLI::App& app) override {
        app.add_option("NAME", names_, "Only these names [all]");
        rotation_.define(app);
        stores_.define(app);
        reporting_.define_for_stores(app);
    }

    int run() override {
        report::FanOut reporters;
        reporting_.add_to(reporters);
        policy_ = rotation_.policy();
        const std::vector<StoreTarget> targets = stores_.targets(reporters);
        std::vector<RotationResult> results(targets.size());
        const int code =
            work_on(targets,
                    reporters,
                    [&](store::ImageStore& store, report::Reporter& reporter, std::size_t index) {
                        results[index] = rotate_all(store, reporter);
                    });
        reporting_.json() ? print_json(results, tense_) : print(results, tense_);
        return code;
    }

private:
    [[nodiscard]] bool is_wanted(const std::string& name) const {
        return names_.empty() || std::find(names_.begin(), names_.end(), name) != names_.end();
    }

    [[nodiscard]] RotationResult rotate_all(store::ImageStore& store,
                                            report::Reporter& reporter) const {
        RotationResult result = {.store = store.describe()};
        const std::vector<Family> families =
            catalog::families_of(catalog::managed_images(store, stores_.tag()));
        require_all(names_, families, result.store);
        for (const Family& family : families) {
            if (!is_wanted(family.name)) {
                continue;
            }
            catalog::Rotation rotation =
                catalog::plan_rotation(family, policy_, {.now = catalog::time_now()});
            if (tense_ == Tense::done) {
                catalog::apply(rotation, store, reporter);
            }
            result.names.push_back({.name = family.name, .rotation = std::move(rotation)});
        }
        return result;
    }

    Tense tense_;
    std::vector<std::string> names_;
    catalog::RotationPolicy policy_{};
    RotationFlags rotation_;
    StoreFlags stores_;
    ReportingFlags reporting_;
};

} // namespace

std::unique_ptr<Command> make_images_plan_command() {
    return std::make_unique<ImagesApplyCommand>(Tense::planned);
}

std::unique_ptr<Command> make_images_apply_command() {
    return std::make_unique<ImagesApplyCommand>(Tense::done);
}

} // namespace kiln::cli
