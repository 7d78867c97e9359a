#include "catalog/apply.hpp"
#include "catalog/choice.hpp"
#include "cli/commands/images_commands.hpp"
#include "cli/reporting.hpp"
#include "cli/rotation_flags.hpp"
#include "cli/rotation_result.hpp"
#include "cli/store_work.hpp"

#include <CLI/CLI.hpp>

namespace kiln::cli {
namespace {

/// `kiln images promote` and `kiln images rollback`: one name goes to another image.
class ImagesSwapCommand : public Command {
public:
    enum class Direction { promote, roll_back };

    explicit ImagesSwapCommand(Direction direction) : direction_(direction) {}

    void define(CLI::App& app) override {
        app.add_option("NAME", name_, "Name of the image")->required();
        if (direction_ == Direction::promote) {
            app.add_option("--image", image_, "Id or version [the newest that waits]");
        } else {
            app.add_option("--to", image_, "Id or version [the one before]");
        }
        app.add_flag("--plan", plan_, "Say what would be done, and do nothing");
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
                        results[index] = swap(store, reporter);
                    });
        const Tense tense = plan_ ? Tense::planned : Tense::done;
        reporting_.json() ? print_json(results, tense) : print(results, tense);
        return code;
    }

private:
    [[nodiscard]] RotationResult swap(store::ImageStore& store, report::Reporter& reporter) const {
        const catalog::Family family = catalog::read_family(store, stores_.tag(), name_);
        const bool back = direction_ == Direction::roll_back;
        const store::Image& image =
            back ? catalog::previous_of(family, image_) : catalog::candidate_of(family, image_);
        catalog::Rotation rotation = catalog::plan_rotation(
            family, policy_, {.promote = image.id, .roll_back = back, .now = catalog::time_now()});
        if (!plan_) {
            catalog::apply(rotation, store, reporter);
        }
        return {.store = store.describe(),
                .names = {{.name = name_, .rotation = std::move(rotation)}}};
    }

    Direction direction_;
    std::string name_;
    std::string image_;
    bool plan_ = false;
    catalog::RotationPolicy policy_{};
    RotationFlags rotation_;
    StoreFlags stores_;
    ReportingFlags reporting_;
};

} // namespace

std::unique_ptr<Command> make_images_promote_command() {
    return std::make_unique<ImagesSwapCommand>(ImagesSwapCommand::Direction::promote);
}

std::unique_ptr<Command> make_images_rollback_command() {
    return std::make_unique<ImagesSwapCommand>(ImagesSwapCommand::Direction::roll_back);
}

} // namespace kiln::cli
