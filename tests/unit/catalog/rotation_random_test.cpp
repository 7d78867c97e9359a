#include "catalog/choice.hpp"
#include "catalog/rotation.hpp"
#include "unit/catalog/families.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace kiln::tests {
namespace {

using catalog::Family;
using catalog::Operation;
using catalog::Rotation;
using catalog::RotationPolicy;
using catalog::RotationRequest;
using store::Image;

/// Random families, policies and requests.
class Dice {
public:
    explicit Dice(unsigned seed) : engine_(seed) {}

    unsigned below(unsigned limit) {
        return std::uniform_int_distribution<unsigned>(0, limit - 1)(engine_);
    }

    bool one_in(unsigned count) { return below(count) == 0; }

    Family family() {
        Family family = {.name = "web", .images = {}};
        const unsigned count = 1 + below(6);
        for (unsigned i = 0; i < count; ++i) {
            family.images.push_back(image(i));
        }
        return family;
    }

    RotationPolicy policy() {
        RotationPolicy policy = {.older = static_cast<catalog::OlderImages>(below(4)),
                                 .swap = static_cast<catalog::Swap>(below(2)),
                                 .keep = 1 + below(4),
                                 .remove_expired = one_in(2)};
        if (one_in(2)) {
            policy.visibility = static_cast<store::Visibility>(below(4));
        }
        return policy;
    }

private:
    Image image(unsigned number) {
        const std::string version = "1" + std::to_string(number);
        const std::string id = "id" + std::to_string(number);
        Image image = made(id, one_in(3) ? "web" : "web " + version, version);
        if (image.name == "web" || one_in(2)) {
            image.properties["kiln_promoted"] =
                "2026-01-01T00:01:" + std::to_string(10 + below(50)) + ".000Z";
        }
        image.hidden = one_in(2);
        image.is_protected = one_in(6);
        image.visibility = static_cast<store::Visibility>(below(4));
        if (one_in(6)) {
            image.properties["kiln_rolled_back"] = "2026-01-01T00:02:00.000Z";
        }
        if (one_in(8)) {
            image.properties.erase("kiln_digest");
        }
        if (one_in(8)) {
            image.status = static_cast<store::ImageStatus>(below(7));
        }
        return image;
    }

    std::mt19937 engine_;
};

std::size_t count_named(const Family& family, bool hidden) {
    return static_cast<std::size_t>(
        std::count_if(family.images.begin(), family.images.end(), [&](const Image& image) {
            return image.name == "web" && image.is_complete() && image.hidden == hidden;
        }));
}

/// Whether the name means something to clients: one visible image, or else one hidden.
bool resolves(const Family& family) {
    const std::size_t visible = count_named(family, false);
    return visible == 1 || (visible == 0 && count_named(family, true) == 1);
}

std::string print(const Family& family) {
    std::string text;
    for (const Image& image : family.images) {
        text += image.id + " '" + image.name + "' " + store::status_name(image.status) +
                (image.hidden ? " hidden" : "") + " " + image.property("kiln_promoted") + " " +
                image.property("kiln_rolled_back") + "\n";
    }
    return text;
}

constexpr unsigned k_families = 5000;

class Case {
public:
    explicit Case(unsigned seed) : dice_(seed), family_(dice_.family()), policy_(dice_.policy()) {
        const Image& chosen =
            family_.images[dice_.below(static_cast<unsigned>(family_.images.size()))];
        if (chosen.is_complete() && !dice_.one_in(3)) {
            request_.promote = chosen.id;
            request_.roll_back = dice_.one_in(2);
        }
        request_.now = "2026-01-02T00:00:00.000Z";
    }

    Dice dice_;
    Family family_;
    RotationPolicy policy_;
    RotationRequest request_{};
};

TEST(RotationRandom, EachPrefixLeavesTheNameToACompleteImage) {
    for (unsigned seed = 0; seed < k_families; ++seed) {
        Case one(seed);
        const bool had_name = count_named(one.family_, false) + count_named(one.family_, true) > 0;
        const bool resolved = resolves(one.family_);
        Family family = one.family_;
        const Rotation rotation = plan_rotation(family, one.policy_, one.request_);
        for (const Operation& operation : rotation.operations) {
            family = after(std::move(family), operation);
            ASSERT_TRUE(!had_name || count_named(family, false) + count_named(family, true) > 0)
                << seed << "\n"
                << print(one.family_) << operation.text;
            ASSERT_TRUE(!resolved || one.policy_.swap == catalog::Swap::overlap || resolves(family))
                << seed << "\n"
                << print(one.family_) << operation.text;
        }
        ASSERT_TRUE(rotation.current.empty() || count_named(family, false) == 1)
            << seed << "\n"
            << print(one.family_) << print(family);
        ASSERT_TRUE(rotation.current.empty() || count_named(family, true) == 0)
            << seed << "\n"
            << print(one.family_) << print(family);
    }
}

TEST(RotationRandom, APlanFromAnyPrefixBringsTheSameEnd) {
    for (unsigned seed = 0; seed < k_families; ++seed) {
        const Case one(seed);
        const Rotation whole = plan_rotation(one.family_, one.policy_, one.request_);
        for (std::size_t cut = 0; cut <= whole.operations.size(); ++cut) {
            Family family = one.family_;
            for (std::size_t i = 0; i < cut; ++i) {
                family = after(std::move(family), whole.operations[i]);
            }
            RotationRequest again = one.request_;
            again.now = "2026-01-03T00:00:00.000Z";
            for (const Operation& operation :
                 plan_rotation(family, one.policy_, again).operations) {
                family = after(std::move(family), operation);
            }
            const Image* current = catalog::current_of(family);
            if (!one.request_.promote.empty()) {
                ASSERT_TRUE(current != nullptr && current->id == one.request_.promote)
                    << seed << " cut " << cut << "\n"
                    << print(one.family_) << print(family);
            }
            const Rotation rest = plan_rotation(family, one.policy_, again);
            ASSERT_TRUE(rest.operations.empty())
                << seed << " cut " << cut << "\n"
                << print(one.family_) << print(family) << rest.operations.front().text;
        }
    }
}

TEST(RotationRandom, ABrokenRollbackIsFinishedAndNotMadeTwice) {
    for (unsigned seed = 0; seed < k_families; ++seed) {
        Case one(seed);
        const RotationPolicy policy = {.swap = one.policy_.swap};
        Family family = {.name = "web",
                         .images = {promoted("c", "web", "03"),
                                    hidden(promoted("b", "web 2", "02")),
                                    hidden(promoted("a", "web 1", "01"))}};
        const Rotation whole =
            plan_rotation(family, policy, {.promote = "b", .roll_back = true, .now = "2026-01-02"});
        const std::size_t cut =
            1 + one.dice_.below(static_cast<unsigned>(whole.operations.size() - 1));
        for (std::size_t i = 0; i < cut; ++i) {
            family = after(std::move(family), whole.operations[i]);
        }
        ASSERT_EQ(catalog::previous_of(family, "").id, "b") << cut << print(family);
    }
}

TEST(RotationRandom, DeletesNothingThatMustStay) {
    for (unsigned seed = 0; seed < k_families; ++seed) {
        const Case one(seed);
        const Rotation rotation = plan_rotation(one.family_, one.policy_, one.request_);
        for (const Operation& operation : rotation.operations) {
            if (operation.kind == Operation::Kind::remove) {
                ASSERT_TRUE(one.policy_.remove_expired);
                ASSERT_NE(operation.id, rotation.current);
                ASSERT_FALSE(one.family_.find(operation.id)->is_protected);
            }
        }
    }
}

} // namespace
} // namespace kiln::tests
