#pragma once

#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace kiln::render {

/// What a name in a template stands for: a text, a list or a map.
struct Value {
    using List = std::vector<Value>;
    using Map = std::map<std::string, Value>;

    Value() = default;

    // NOLINTBEGIN(google-explicit-constructor): a tree is written as what it is
    Value(std::string text) : data(std::move(text)) {}

    Value(const char* text) : data(std::string(text)) {}

    Value(List list) : data(std::move(list)) {}

    Value(Map map) : data(std::move(map)) {}

    // NOLINTEND(google-explicit-constructor)

    std::variant<std::string, List, Map> data{};
};

} // namespace kiln::render
