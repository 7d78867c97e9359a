#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace kiln::config {

/// One node of a YAML (or JSON) document that knows where it stands. Every error it throws begins
/// with file:line:column, shows the line, and has ExitCode::usage.
class YamlNode {
public:
    struct Source;
    struct Data;

    explicit YamlNode(std::shared_ptr<const Data> data) : data_(std::move(data)) {}

    [[nodiscard]] bool is_null() const;
    [[nodiscard]] bool is_scalar() const;
    [[nodiscard]] bool is_list() const;
    [[nodiscard]] bool is_map() const;

    /// The text of a scalar as written; an Error when it is none.
    [[nodiscard]] std::string text() const;

    /// The same for the value of a map; an Error that names the key when nothing is there.
    [[nodiscard]] std::string value_text() const;

    /// The items of a list; an Error when it is none.
    [[nodiscard]] std::vector<YamlNode> items() const;

    /// Keys and values of a map in their order; an Error when it is none, or a key stands twice.
    [[nodiscard]] std::vector<std::pair<YamlNode, YamlNode>> entries() const;

    /// The value of a key of a map, if it is there.
    [[nodiscard]] std::optional<YamlNode> find(const std::string& key) const;

    /// An Error for the first key of the map that is not known, with the nearest one that is.
    void require_known_keys(const std::vector<std::string>& known) const;

    /// Throws Error: "file:line:column: what" and the line.
    [[noreturn]] void fail(const std::string& what, const std::string& hint = {}) const;

    /// "file:line:column".
    [[nodiscard]] std::string position() const;

private:
    std::shared_ptr<const Data> data_;
};

/// Parses one document. name is what errors call it, usually the path. Throws Error (code usage),
/// also for a document beyond 1 MiB, 200 000 values (aliases counted as what they stand for) or 64
/// levels.
YamlNode parse_yaml(const std::string& content, const std::string& name);

/// The same from a file.
YamlNode load_yaml(const std::string& path);

} // namespace kiln::config
