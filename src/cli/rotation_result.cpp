#include "cli/rotation_result.hpp"

#include <nlohmann/json.hpp>

#include <iostream>

namespace kiln::cli {
namespace {

std::vector<std::string> texts_of(const catalog::Rotation& rotation) {
    std::vector<std::string> texts;
    for (const catalog::Operation& operation : rotation.operations) {
        texts.push_back(operation.text);
    }
    return texts;
}

std::string count_text(std::size_t count, Tense tense) {
    if (count == 0) {
        return "nothing to do";
    }
    return std::to_string(count) + (tense == Tense::done ? " done" : " to do");
}

} // namespace

void print(const std::vector<RotationResult>& results, Tense tense) {
    for (const RotationResult& result : results) {
        std::size_t count = 0;
        for (const RotationResult::Name& name : result.names) {
            for (const std::string& text : texts_of(name.rotation)) {
                std::cout << "  " << text << "\n";
                ++count;
            }
            for (const std::string& note : name.rotation.notes) {
                std::cout << "  note: " << note << "\n";
            }
        }
        if (!result.store.empty()) {
            std::cout << result.store << ": " << count_text(count, tense) << "\n";
        }
    }
    std::cout.flush();
}

void print_json(const std::vector<RotationResult>& results, Tense tense) {
    nlohmann::ordered_json all = nlohmann::json::array();
    for (const RotationResult& result : results) {
        nlohmann::ordered_json names = nlohmann::json::array();
        for (const RotationResult::Name& name : result.names) {
            names.push_back({{"name", name.name},
                             {"current", name.rotation.current},
                             {"steps", texts_of(name.rotation)},
                             {"notes", name.rotation.notes}});
        }
        all.push_back({{"store", result.store}, {"done", tense == Tense::done}, {"names", names}});
    }
    std::cout << all.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << "\n";
    std::cout.flush();
}

} // namespace kiln::cli
