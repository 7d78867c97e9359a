#include "catalog/rotation.hpp"

#include <algorithm>

namespace kiln::catalog {
namespace {

using store::Image;
using store::ImageChange;
using store::Visibility;

class Planner {
public:
    Planner(const Family& family, const RotationPolicy& policy, const RotationRequest& request)
        : family_(family), policy_(policy), request_(request) {
        target_ = request.promote.empty() ? current_of(family) : family.find(request.promote);
    }

    Rotation plan() {
        if (target_ != nullptr) {
            rotation_.current = target_->id;
            give_name();
            settle_others();
        }
        retire_expired();
        return std::move(rotation_);
    }

private:
    void add(Operation::Kind kind, const Image& image, const std::string& text) {
        rotation_.operations.push_back({.kind = kind, .id = image.id, .text = text});
        working_ = after(std::move(working_), rotation_.operations.back());
    }

    /// Leaves out what is so already.
    void change(const Image& image, const ImageChange& change, const std::string& text) {
        const Image* now = working_.find(image.id);
        const ImageChange needed = difference(*now, change);
        if (needed.empty()) {
            return;
        }
        rotation_.operations.push_back(
            {.kind = Operation::Kind::change, .id = image.id, .change = needed, .text = text});
        working_ = after(std::move(working_), rotation_.operations.back());
    }

    static ImageChange difference(const Image& image, ImageChange change) {
        const auto drop_same = [](auto& wanted, const auto& is) {
            if (wanted && *wanted == is) {
                wanted.reset();
            }
        };
        drop_same(change.name, image.name);
        drop_same(change.visibility, image.visibility);
        drop_same(change.hidden, image.hidden);
        for (auto it = change.properties.begin(); it != change.properties.end();) {
            const auto found = image.properties.find(it->first);
            const bool same = it->second
                                  ? found != image.properties.end() && found->second == *it->second
                                  : found == image.properties.end();
            it = same ? change.properties.erase(it) : std::next(it);
        }
        return change;
    }

    /// An image that has the name keeps what it has; another gets what was said for it, else what
    /// its predecessor has.
    [[nodiscard]] Visibility wanted_visibility() const {
        const Image* current = current_of(family_);
        const bool has_name = current == target_;
        const auto said = store::parse_visibility(target_->property(key::k_visibility));
        const Visibility otherwise =
            has_name || current == nullptr ? target_->visibility : current->visibility;
        return policy_.visibility.value_or(has_name ? otherwise : said.value_or(otherwise));
    }

    /// Those that have the name and are to lose it; hidden ones first, since clients that find no
    /// visible image look for a single hidden one.
    [[nodiscard]] std::vector<const Image*> rivals() const {
        std::vector<const Image*> rivals;
        for (const Image* image : others_by_age(family_, target_->id)) {
            if (image->name == family_.name) {
                rivals.push_back(image);
            }
        }
        std::stable_partition(
            rivals.begin(), rivals.end(), [](const Image* image) { return image->hidden; });
        return rivals;
    }

    [[nodiscard]] bool has_name_now() const {
        return target_->name == family_.name && !target_->hidden &&
               !target_->property(key::k_promoted).empty() && rivals().empty();
    }

    /// Whose name it takes over; null: nobody's, or it has the name itself.
    [[nodiscard]] const Image* predecessor() const {
        const std::vector<const Image*> others = rivals();
        if (target_->name == family_.name || others.empty()) {
            return nullptr;
        }
        const Image* current = current_of(family_);
        return current != target_ && current != nullptr && current->name == family_.name
                   ? current
                   : others.front();
    }

    /// Leftovers that share the name with the one that has it by right lose it first: hidden ones
    /// of one name are told apart by nobody.
    void give_name() {
        if (target_->status == store::ImageStatus::deactivated) {
            add(Operation::Kind::reactivate, *target_, "reactivate " + name_and_id(*target_));
        }
        const Image* old = predecessor();
        for (const Image* rival : rivals()) {
            if (rival != old) {
                retire(*rival);
            }
        }
        if (old != nullptr && policy_.swap == Swap::hide_first) {
            ask_for_visibility(*old);
            change(*old, with_mark(*old, {.hidden = true}), "hide " + name_and_id(*old));
        } else if (old != nullptr && request_.roll_back) {
            // So that a rollback that breaks is known for one.
            change(*old, with_mark(*old, {}), "mark " + name_and_id(*old) + " as taken back");
        }
        promote();
        if (old != nullptr) {
            retire(*old);
        }
    }

    void promote() {
        ImageChange promotion = {
            .name = family_.name, .visibility = wanted_visibility(), .hidden = false};
        if (!has_name_now()) {
            promotion.properties[key::k_promoted] = promotion_time();
        }
        promotion.properties[key::k_visibility] = store::visibility_name(wanted_visibility());
        promotion.properties[key::k_rolled_back] = std::nullopt;
        promotion.properties[key::k_uploader] = std::nullopt;
        change(*target_,
               promotion,
               "make " + name_and_id(*target_) + " the current '" + family_.name + "', " +
                   store::visibility_name(wanted_visibility()));
    }

    /// An image that holds the name by right (the others are leftovers) keeps its time.
    [[nodiscard]] std::string promotion_time() const {
        const std::string had = target_->property(key::k_promoted);
        const bool is_current = current_of(family_) == target_;
        return is_current && !had.empty() && target_->name == family_.name ? had : request_.now;
    }

    /// Whether this user may make it public is found out while the old image is still untouched.
    void ask_for_visibility(const Image& old) {
        const Visibility wanted = wanted_visibility();
        if (!old.hidden && wanted != target_->visibility && wanted != Visibility::private_image) {
            change(*target_,
                   {.visibility = wanted, .hidden = true},
                   "make " + name_and_id(*target_) + " " + store::visibility_name(wanted) +
                       ", hidden yet");
        }
    }

    /// For the image that a rollback takes the name from.
    [[nodiscard]] ImageChange with_mark(const Image& image, ImageChange change) const {
        if (request_.roll_back && image.property(key::k_rolled_back).empty()) {
            change.properties[key::k_rolled_back] = request_.now;
        }
        return change;
    }

    /// Takes the name away, and hides or shows the image as policy wants older ones.
    void retire(const Image& image) {
        const bool taken_back = !working_.find(image.id)->property(key::k_rolled_back).empty();
        ImageChange wanted = older_state(image, taken_back);
        wanted.name = dated_name(working_, image, policy_.dated_name);
        change(image, wanted, "rename " + name_and_id(image) + " to '" + *wanted.name + "'");
    }

    /// What policy wants of all older ones.
    void settle_others() {
        for (const Image* image : others_by_age(family_, target_->id)) {
            const Image now = *working_.find(image->id);
            const Standing standing = standing_of(working_, now);
            if (standing != Standing::older && standing != Standing::rolled_back) {
                continue;
            }
            change(*image,
                   older_state(now, standing == Standing::rolled_back),
                   "settle " + name_and_id(now) + " as an older image");
            if (policy_.older == OlderImages::deactivate &&
                now.status == store::ImageStatus::active) {
                add(Operation::Kind::deactivate, *image, "deactivate " + name_and_id(now));
            }
        }
    }

    [[nodiscard]] ImageChange older_state(const Image& image, bool taken_back) const {
        switch (policy_.older) {
        case OlderImages::community:
            // What was private was never meant for others.
            return {.visibility = image.visibility == Visibility::private_image
                                      ? Visibility::private_image
                                      : Visibility::community,
                    .hidden = taken_back};
        case OlderImages::show:
            return {.hidden = taken_back};
        case OlderImages::hide:
        case OlderImages::deactivate:
            return {.hidden = true};
        }
        return {};
    }

    void retire_expired() {
        std::size_t kept = target_ != nullptr ? 1 : 0;
        for (const Image* image : others_by_age(family_, rotation_.current)) {
            const Image* now = working_.find(image->id);
            if (standing_of(working_, *now) == Standing::candidate) {
                continue;
            }
            if (kept < std::max<std::size_t>(policy_.keep, 1)) {
                ++kept;
            } else if (now->is_protected) {
                rotation_.notes.push_back(name_and_id(*now) + " is protected and stays");
            } else if (policy_.remove_expired) {
                add(Operation::Kind::remove, *now, "delete " + name_and_id(*now));
            } else {
                rotation_.notes.push_back(name_and_id(*now) + " would be deleted with --delete");
            }
        }
    }

    const Family& family_;
    const RotationPolicy& policy_;
    const RotationRequest& request_;
    const Image* target_ = nullptr;
    Family working_ = family_;
    Rotation rotation_{};
};

} // namespace

Rotation
plan_rotation(const Family& family, const RotationPolicy& policy, const RotationRequest& request) {
    return Planner(family, policy, request).plan();
}

Family after(Family family, const Operation& operation) {
    for (auto image = family.images.begin(); image != family.images.end(); ++image) {
        if (image->id != operation.id) {
            continue;
        }
        switch (operation.kind) {
        case Operation::Kind::change:
            *image = store::changed(std::move(*image), operation.change);
            break;
        case Operation::Kind::deactivate:
            image->status = store::ImageStatus::deactivated;
            break;
        case Operation::Kind::reactivate:
            image->status = store::ImageStatus::active;
            break;
        case Operation::Kind::remove:
            family.images.erase(image);
            break;
        }
        break;
    }
    return family;
}

} // namespace kiln::catalog
