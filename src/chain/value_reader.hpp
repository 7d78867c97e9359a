#pragma once

#include "chain/problems.hpp"
#include "chain/variables.hpp"
#include "config/yaml.hpp"

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace kiln::chain {

/// What all readers of a file share.
struct ReadContext {
    /// The folder that relative paths start from; absolute.
    std::filesystem::path folder;
    const Variables& variables;
    Problems& problems;
};

/// A key of a map, and what takes its value.
struct KeyReader {
    const char* name;
    std::function<void(const config::YamlNode&)> read;
};

/// Hands each value of a map to its reader. Mistakes in one, and keys that are not known, are
/// problems and do not keep the others from being read.
void read_map(const config::YamlNode& node,
              const std::vector<KeyReader>& keys,
              ReadContext& context);

/// The functions below throw util::Error at the place of a wrong value.
std::string read_text(const config::YamlNode& node, const ReadContext& context);
/// Not empty.
std::string read_word(const config::YamlNode& node, const ReadContext& context);
bool read_flag(const config::YamlNode& node, const ReadContext& context);
/// A number above 0, kept as text; read_whole takes no fraction.
std::string read_number(const config::YamlNode& node, const ReadContext& context);
std::string read_whole(const config::YamlNode& node, const ReadContext& context);
unsigned read_count(const config::YamlNode& node, const ReadContext& context);
std::string read_choice(const config::YamlNode& node,
                        const std::vector<std::string>& choices,
                        const ReadContext& context);
/// Absolute; "~/" is the home folder.
std::string read_path(const config::YamlNode& node, const ReadContext& context);
/// What read_path makes of a text.
std::string whole_path(const std::string& path, const ReadContext& context);

/// A list, or one value in its place; read is called for each.
void read_each(const config::YamlNode& node,
               const std::function<void(const config::YamlNode&)>& read,
               ReadContext& context);

std::vector<std::string> read_words(const config::YamlNode& node, ReadContext& context);

/// Names and texts; both kept as they are written.
std::map<std::string, std::string> read_texts(const config::YamlNode& node, ReadContext& context);

/// A reader that sets a member.
template <typename Member, typename Read>
KeyReader sets(const char* name, Member& member, Read read, ReadContext& context) {
    return {name, [&member, read, &context](const config::YamlNode& node) {
                member = read(node, context);
            }};
}

} // namespace kiln::chain
