#pragma once

#include "config/yaml.hpp"
#include "process/command.hpp"

#include <string>

namespace kiln::chain {

/// The variables of the environment that a file may use.
class Variables {
public:
    explicit Variables(process::Environment environment) : environment_(std::move(environment)) {}

    /// The text of a scalar with "${NAME}" and "${NAME:-DEFAULT}" filled in; "$$" is a "$", and any
    /// other "$" stays. Throws util::Error at the place for a variable that is not set.
    [[nodiscard]] std::string expand(const config::YamlNode& node) const;

    /// Throws util::Error at the place when a variable is not set.
    void require(const std::string& name, const config::YamlNode& node) const;

private:
    [[nodiscard]] std::string value_of(const std::string& word, const config::YamlNode& node) const;
    [[noreturn]] void fail_unset(const std::string& name, const config::YamlNode& node) const;

    process::Environment environment_;
};

} // namespace kiln::chain
