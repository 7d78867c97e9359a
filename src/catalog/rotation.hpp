#pragma once

#include "catalog/family.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace kiln::catalog {

/// What becomes of images that lost the name. All stay usable by id but deactivated ones.
enum class OlderImages {
    /// Out of plain lists (os_hidden).
    hide,
    /// Visibility community: listed only for who asks for them.
    community,
    /// Hidden, and their data is handed out to nobody.
    deactivate,
    /// Listed under their dated names.
    show
};

/// How the name passes from one image to the next.
enum class Swap {
    /// The old one is hidden first: the name means one image at each moment, but plain lists lack
    /// it
    /// for one request.
    hide_first,
    /// The new one gets the name first: plain lists have it always, twice for one request.
    overlap
};

struct RotationPolicy {
    /// Nothing: an image that has the name keeps its own; another gets what was said when it was
    /// published (kiln_visibility), else what its predecessor has.
    std::optional<store::Visibility> visibility{};
    OlderImages older = OlderImages::hide;
    Swap swap = Swap::hide_first;
    /// Complete images of the name that stay, the current one included; others may be deleted.
    std::size_t keep = 3;
    /// Whether they are.
    bool remove_expired = false;
    std::string dated_name = "{name} {date}";
};

/// One request to a store.
struct Operation {
    enum class Kind { change, deactivate, reactivate, remove };

    Kind kind = Kind::change;
    std::string id;
    store::ImageChange change{};
    /// For people: "hide 'web' (9c3f...)".
    std::string text{};
};

struct Rotation {
    std::vector<Operation> operations{};
    /// What is not done, and why: "'web 20261101' (...) would be deleted with --delete".
    std::vector<std::string> notes{};
    /// The id of the image that has the name at the end; empty: none.
    std::string current{};
};

struct RotationRequest {
    /// The id of the image that is to have the name; empty: the one that current_of() tells.
    std::string promote{};
    /// Whether the images that lose the name are taken back for good (a rollback).
    bool roll_back = false;
    /// ISO 8601 in UTC: what kiln_promoted gets.
    std::string now{};
};

/// What brings a family to its wanted state, in order; nothing where it is there. Each prefix of it
/// leaves the name with a complete image (hidden ones included) where it had one, and a new plan
/// from there brings the rest. Pure.
Rotation
plan_rotation(const Family& family, const RotationPolicy& policy, const RotationRequest& request);

/// The family after an operation was done: what a store would list.
Family after(Family family, const Operation& operation);

} // namespace kiln::catalog
