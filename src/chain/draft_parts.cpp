#include "chain/draft.hpp"
#include "util/text.hpp"

#include <unistd.h>

#include <filesystem>
#include <map>
#include <regex>
#include <set>
#include <variant>

namespace kiln::chain {
namespace {

using config::YamlNode;

std::vector<KeyReader>
rotation_keys(PublishDefinition& publish, const YamlNode& /*node*/, ReadContext& context) {
    const auto choice = [&context](const char* key, auto& member, std::vector<std::string> words) {
        return KeyReader{key, [&context, &member, words](const YamlNode& node) {
                             member = read_choice(node, words, context);
                         }};
    };
    return {choice("visibility", publish.visibility, {"private", "shared", "community", "public"}),
            choice("promote", publish.promote, {"auto", "manual"}),
            choice("older", publish.older, {"hide", "community", "deactivate", "show"}),
            choice("swap", publish.swap, {"hide-first", "overlap"}),
            sets("keep", publish.keep, read_whole, context),
            sets("delete", publish.delete_older, read_flag, context),
            sets("dated_name", publish.dated_name, read_word, context),
            sets("adopt", publish.adopt, read_flag, context)};
}

/// "./check.sh" is a file beside the definition; "ssh" is looked up in PATH.
std::string read_program(const YamlNode& node, const ReadContext& context) {
    std::string program = read_word(node, context);
    if (program.find('/') == std::string::npos) {
        return program;
    }
    program = (context.folder / program).lexically_normal().string();
    if (::access(program.c_str(), X_OK) != 0) {
        node.fail("there is no program '" + program + "' that can be run",
                  std::filesystem::exists(program) ? "chmod +x '" + program + "'"
                                                   : "a relative path starts from the folder of "
                                                     "this file");
    }
    return program;
}

std::vector<std::string> read_argv(const YamlNode& node, ReadContext& context) {
    std::vector<std::string> argv;
    const std::vector<YamlNode> words = node.is_list() ? node.items() : std::vector{node};
    for (const YamlNode& word : words) {
        argv.push_back(argv.empty() ? read_program(word, context) : read_word(word, context));
    }
    if (argv.empty()) {
        node.fail("a command needs a program", "write 'command: ./check.sh'");
    }
    return argv;
}

BootTest read_boot(const YamlNode& node, ReadContext& context) {
    BootTest boot;
    if (node.is_null()) {
        return boot;
    }
    read_map(node,
             {{"firmware",
               [&](const YamlNode& value) {
                   boot.firmware = read_choice(value, {"bios", "uefi", "both"}, context);
               }},
              sets("timeout", boot.timeout, read_number, context),
              sets("memory", boot.memory_mib, read_count, context),
              sets("allow_failed", boot.allow_failed, read_words, context)},
             context);
    return boot;
}

CommandTest read_command(const YamlNode& node, ReadContext& context) {
    CommandTest command;
    const std::size_t mistakes = context.problems.count();
    if (node.is_map()) {
        read_map(node,
                 {sets("run", command.argv, read_argv, context),
                  sets("name", command.name, read_word, context),
                  {"timeout",
                   [&](const YamlNode& value) {
                       command.timeout = std::chrono::seconds(read_count(value, context));
                   }},
                  sets("memory", command.memory_mib, read_count, context)},
                 context);
        if (command.argv.empty() && context.problems.count() > mistakes) {
            return command;
        }
        if (command.argv.empty()) {
            node.fail("a command test needs something to run", "write 'run: ./check.sh'");
        }
    } else {
        command.argv = read_argv(node, context);
    }
    if (command.name.empty()) {
        command.name = std::filesystem::path(command.argv.front()).filename();
    }
    return command;
}

TestDefinition read_test(const YamlNode& node, ReadContext& context) {
    if (node.is_scalar()) {
        read_choice(node, {"boot"}, context);
        return BootTest{};
    }
    std::vector<TestDefinition> found;
    const std::size_t mistakes = context.problems.count();
    read_map(
        node,
        {{"boot", [&](const YamlNode& value) { found.emplace_back(read_boot(value, context)); }},
         {"command",
          [&](const YamlNode& value) { found.emplace_back(read_command(value, context)); }}},
        context);
    if (found.size() > 1) {
        node.fail("two tests in one item", "begin each with a '-' of its own");
    }
    if (found.empty() && context.problems.count() == mistakes) {
        node.fail("a test that tests nothing", "write '- boot' or '- command: ./check.sh'");
    }
    return found.empty() ? TestDefinition{BootTest{}} : found.front();
}

/// 'region' beside a file would be left alone without a word.
void refuse_keys_of_others(const YamlNode& node, const std::string& kind) {
    static const std::map<std::string, std::string> k_owners = {
        {"region", "cloud"}, {"image", "cloud"}, {"checksum", "url"}, {"checksums", "url"}};
    for (const auto& [key, value] : node.entries()) {
        const auto owner = k_owners.find(key.text());
        if (owner != k_owners.end() && owner->second != kind) {
            key.fail("'" + key.text() + "' goes with '" + owner->second + "', not with '" + kind +
                         "'",
                     "leave it out");
        }
    }
}

std::string read_digest(const YamlNode& node, const ReadContext& context) {
    static const std::regex k_digest("sha256:[0-9A-Fa-f]{64}|sha512:[0-9A-Fa-f]{128}");
    std::string digest = read_word(node, context);
    if (!std::regex_match(digest, k_digest)) {
        node.fail("'" + digest + "' is no digest",
                  "write sha256: and 64 digits, or sha512: and 128");
    }
    return digest;
}

/// Of a file, not of a folder.
std::string read_url(const YamlNode& node, const ReadContext& context) {
    static const std::regex k_url("(https?|file)://[^?#]*[^/?#]([?#].*)?");
    std::string url = read_word(node, context);
    if (!std::regex_match(url, k_url)) {
        node.fail(
            "'" + url + "' is no address of an image",
            "write https://HOST/PATH, or file:///PATH; 'file: PATH' for a file of this machine");
    }
    return url;
}

} // namespace

std::vector<TestDefinition> read_tests(const YamlNode& node, ReadContext& context) {
    std::vector<TestDefinition> tests;
    std::set<std::string> names;
    read_each(
        node,
        [&](const YamlNode& item) {
            tests.push_back(read_test(item, context));
            const auto* command = std::get_if<CommandTest>(&tests.back());
            if (command != nullptr && !names.insert(command->name).second) {
                item.fail("two tests are called '" + command->name + "'",
                          "give one another name: 'command: {run: ..., name: NAME}'");
            }
        },
        context);
    return tests;
}

void read_publication(const YamlNode& node, Draft& draft, ReadContext& context) {
    if (node.is_scalar()) {
        draft.image.publishes = read_flag(node, context);
        return;
    }
    draft.image.publishes = true;
    PublishDefinition& publish = draft.image.publish;
    std::vector<KeyReader> keys = rotation_keys(publish, node, context);
    const auto noted = [&](const char* key, auto& member) {
        return KeyReader{key, [&draft, &context, &member, key](const YamlNode& value) {
                             member = read_word(value, context);
                             draft.nodes.insert_or_assign(key, value);
                         }};
    };
    keys.push_back(noted("name", publish.name));
    keys.push_back(noted("format", publish.format));
    keys.push_back({"stores", [&](const YamlNode& value) {
                        publish.stores.emplace();
                        read_each(
                            value,
                            [&](const YamlNode& item) {
                                publish.stores->push_back(read_word(item, context));
                                draft.nodes.insert_or_assign("stores/" + publish.stores->back(),
                                                             item);
                            },
                            context);
                    }});
    keys.push_back(sets("protected", publish.is_protected, read_flag, context));
    keys.push_back(sets("min_disk", publish.min_disk, read_whole, context));
    keys.push_back(sets("min_ram", publish.min_ram, read_whole, context));
    keys.push_back(sets("version", publish.version, read_word, context));
    keys.push_back(sets("tags", publish.tags, read_words, context));
    keys.push_back(sets("properties", publish.properties, read_texts, context));
    keys.push_back(sets("exact_properties", publish.exact_properties, read_flag, context));
    read_map(node, keys, context);
}

BaseDefinition read_base(const YamlNode& node, ReadContext& context) {
    BaseDefinition base;
    std::vector<std::string> kinds;
    const std::size_t mistakes = context.problems.count();
    const auto is = [&](const char* key, BaseDefinition::Kind kind, auto& member, auto read) {
        return KeyReader{key, [&, key, kind, read](const YamlNode& value) {
                             kinds.emplace_back(key);
                             base.kind = kind;
                             member = read(value, context);
                         }};
    };
    read_map(node,
             {is("url", BaseDefinition::Kind::url, base.url, read_url),
              is("file", BaseDefinition::Kind::file, base.file, read_path),
              is("cloud", BaseDefinition::Kind::cloud, base.cloud, read_word),
              sets("region", base.region, read_word, context),
              sets("image", base.image, read_word, context),
              sets("checksum", base.checksum, read_digest, context),
              sets("checksums", base.checksums, read_word, context)},
             context);
    if (kinds.empty() && context.problems.count() > mistakes) {
        return base;
    }
    if (kinds.size() != 1) {
        node.fail(kinds.empty() ? "'from' names no image" : "'from' names several images",
                  "give one of url, file and cloud");
    }
    refuse_keys_of_others(node, kinds.front());
    if (base.kind == BaseDefinition::Kind::cloud && base.image.empty()) {
        node.fail("'from' does not say which image of cloud '" + base.cloud + "'",
                  "write 'image: NAME', or its id");
    }
    if (base.kind == BaseDefinition::Kind::file && !std::filesystem::is_regular_file(base.file)) {
        node.fail("there is no file '" + base.file + "'",
                  "a relative path starts from the folder of this file");
    }
    return base;
}

StoreDefinition read_store(const std::string& name, const YamlNode& node, ReadContext& context) {
    StoreDefinition store = {.name = name};
    const std::size_t mistakes = context.problems.count();
    read_map(
        node,
        {sets("folder", store.folder, read_path, context),
         sets("cloud", store.cloud, read_word, context),
         {"region", [&](const YamlNode& value) { store.regions = {read_word(value, context)}; }},
         sets("regions", store.regions, read_words, context),
         sets("all_regions", store.all_regions, read_flag, context),
         {"interface",
          [&](const YamlNode& value) {
              store.interface = read_choice(value, {"public", "internal", "admin"}, context);
          }},
         sets("tag", store.tag, read_word, context),
         sets("format", store.format, read_word, context)},
        context);
    if (context.problems.count() > mistakes) {
        return store;
    }
    if (store.folder.empty() == store.cloud.empty()) {
        node.fail(store.cloud.empty() ? "store '" + name + "' is neither a folder nor a cloud"
                                      : "store '" + name + "' is a folder and a cloud",
                  "write 'folder: PATH', or 'cloud: NAME' for a cloud of clouds.yaml");
    }
    if (store.cloud.empty() && (!store.regions.empty() || store.all_regions)) {
        node.fail("store '" + name + "' is a folder; those have no regions", "leave them out");
    }
    return store;
}

} // namespace kiln::chain
