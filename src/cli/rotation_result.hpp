#pragma once

#include "catalog/rotation.hpp"
#include "report/reporter.hpp"
#include "store/image_store.hpp"

#include <string>
#include <vector>

namespace kiln::cli {

/// Rotations of one store, for people and as JSON.
struct RotationResult {
    std::string store;

    struct Name {
        std::string name;
        catalog::Rotation rotation;
    };

    std::vector<Name> names{};
};

/// Whether the operations were done, or are only shown.
enum class Tense { done, planned };

void print(const std::vector<RotationResult>& results, Tense tense);
void print_json(const std::vector<RotationResult>& results, Tense tense);

} // namespace kiln::cli
