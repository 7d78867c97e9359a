#include "cli/commands/element_commands.hpp"
#include "cli/element_places.hpp"
#include "element/graph.hpp"
#include "element/readme.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <iomanip>
#include <iostream>
#include <map>

namespace kiln::cli {
namespace {

namespace fs = std::filesystem;

struct Row {
    element::Element element;
    std::string purpose;
    bool own = false;
    /// The same name elsewhere, which this one takes the place of.
    std::vector<std::string> overrides;
};

std::string purpose_of(const element::Element& element) {
    const auto readme = element::load_readme(element);
    return readme ? readme->purpose : "";
}

std::vector<Row> rows() {
    const element::Catalog catalog = element_catalog();
    std::map<std::string, Row> found;
    for (const std::string& name : catalog.names()) {
        const element::Element element = require_element(catalog, name);
        found[name] = {.element = element,
                       .purpose = purpose_of(element),
                       .own = is_own_folder(element.path.parent_path()),
                       .overrides = {}};
    }
    for (const fs::path& folder : element_folders()) {
        const element::Catalog part({folder});
        for (const std::string& name : part.names()) {
            Row& row = found.at(name);
            const std::string path = part.find(name)->path;
            if (path != row.element.path && folder != row.element.path.parent_path()) {
                row.overrides.push_back(path);
            }
        }
    }
    std::vector<Row> rows;
    for (auto& [name, row] : found) {
        rows.push_back(std::move(row));
    }
    return rows;
}

void print_table(const std::vector<Row>& rows) {
    std::size_t width = 0;
    for (const Row& row : rows) {
        width = std::max(width, row.element.name.size());
    }
    for (const Row& row : rows) {
        const std::string place = row.own ? "kiln" : row.element.path.parent_path().string();
        std::cout << std::left << std::setw(static_cast<int>(width) + 2) << row.element.name << "["
                  << place << "] " << row.purpose << "\n";
        for (const std::string& other : row.overrides) {
            std::cout << std::string(width + 2, ' ') << "overrides " << other << "\n";
        }
    }
}

void print_json(const std::vector<Row>& rows) {
    nlohmann::json list = nlohmann::json::array();
    for (const Row& row : rows) {
        list.push_back({{"name", row.element.name},
                        {"purpose", row.purpose},
                        {"path", row.element.path.string()},
                        {"own", row.own},
                        {"provides", element::provides_of(row.element)},
                        {"overrides", row.overrides}});
    }
    std::cout << list.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << "\n";
}

class ElementListCommand : public Command {
public:
    void define(CLI::App& app) override { app.add_flag("--json", json_, "Print a JSON array"); }

    int run() override {
        if (json_) {
            print_json(rows());
        } else {
            print_table(rows());
        }
        return 0;
    }

private:
    bool json_ = false;
};

} // namespace

std::unique_ptr<Command> make_element_list_command() {
    return std::make_unique<ElementListCommand>();
}

} // namespace kiln::cli
