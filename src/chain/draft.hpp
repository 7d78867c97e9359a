#pragma once

#include "chain/definition.hpp"
#include "chain/value_reader.hpp"
#include "config/yaml.hpp"

#include <map>
#include <optional>
#include <string>

namespace kiln::chain {

/// A definition as read, before defaults and parents are in it, and where its words stand: by
/// "elements/NAME", "stores/NAME" and so on.
struct Draft {
    ImageDefinition image{};
    std::map<std::string, config::YamlNode> nodes{};
    /// What its bundle says; the image's own keys go before it.
    std::optional<ImageDefinition> bundle{};
    /// Something of it could not be read, so that what seems absent may not be.
    bool has_mistakes = false;
};

/// The word's place where it is written, else that of the image.
const config::YamlNode& place_of(const Draft& draft, const std::string& key);

/// The keys of an image. What names other parts of the file is not looked up yet.
Draft read_draft(const std::string& name, const config::YamlNode& node, ReadContext& context);

/// The parts of it that have files of their own.
void read_publication(const config::YamlNode& node, Draft& draft, ReadContext& context);
std::vector<TestDefinition> read_tests(const config::YamlNode& node, ReadContext& context);
BaseDefinition read_base(const config::YamlNode& node, ReadContext& context);
StoreDefinition
read_store(const std::string& name, const config::YamlNode& node, ReadContext& context);

} // namespace kiln::chain
