#include "inspect/comparison_report.hpp"
#include "inspect/visible_text.hpp"

#include <nlohmann/json.hpp>

namespace kiln::inspect {
namespace {

using Json = nlohmann::ordered_json;

Json text_or_null(const std::optional<std::string>& text) {
    return text ? Json(visible_text(*text)) : Json(nullptr);
}

Json changes_json(const std::vector<Change>& changes) {
    Json list = Json::array();
    for (const Change& change : changes) {
        list.push_back({{"property", visible_text(change.property)},
                        {"a", text_or_null(change.a)},
                        {"b", text_or_null(change.b)}});
    }
    return list;
}

Json layout_json(const std::vector<LayoutDifference>& layout) {
    Json list = Json::array();
    for (const LayoutDifference& difference : layout) {
        list.push_back({{"item", difference.item},
                        {"change", presence_name(difference.presence)},
                        {"properties", changes_json(difference.changes)}});
    }
    return list;
}

Json packages_json(const std::vector<PackageDifference>& packages) {
    Json list = Json::array();
    for (const PackageDifference& difference : packages) {
        list.push_back({{"name", visible_text(difference.name)},
                        {"architecture", visible_text(difference.architecture)},
                        {"change", change_name(difference.change)},
                        {"a", text_or_null(difference.a)},
                        {"b", text_or_null(difference.b)}});
    }
    return list;
}

Json files_json(const std::vector<FileDifference>& files) {
    Json list = Json::array();
    for (const FileDifference& difference : files) {
        Json file = {{"path", "/" + visible_text(difference.path)},
                     {"change", presence_name(difference.presence)},
                     {"type", type_name(difference.type)},
                     {"properties", changes_json(difference.changes)}};
        if (difference.writer_a || difference.writer_b) {
            file["hook"] = {{"a", text_or_null(difference.writer_a)},
                            {"b", text_or_null(difference.writer_b)}};
        }
        list.push_back(std::move(file));
    }
    return list;
}

} // namespace

std::string comparison_json(const Pair& images, const Comparison& found) {
    const Json document = {
        {"a", visible_text(images.a)},
        {"b", visible_text(images.b)},
        {"differs", found.differs()},
        {"same_bytes", found.same_bytes},
        {"first_differing_byte", found.first_byte ? Json(*found.first_byte) : Json(nullptr)},
        {"layout", layout_json(found.layout)},
        {"packages", packages_json(found.packages)},
        {"files", files_json(found.files)},
        {"notes", found.notes}};
    return document.dump(2) + "\n";
}

} // namespace kiln::inspect
