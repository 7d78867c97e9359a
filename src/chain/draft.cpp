#include "chain/draft.hpp"

#include "chain/bundle.hpp"
#include "chain/output_stage.hpp"
#include "process/secrets.hpp"
#include "util/secret_names.hpp"

#include <filesystem>
#include <regex>
#include <set>

namespace kiln::chain {
namespace {

using config::YamlNode;

/// A list whose words are looked up later.
std::vector<std::string>
read_noted(const YamlNode& node, const std::string& kind, Draft& draft, ReadContext& context) {
    std::vector<std::string> words;
    read_each(
        node,
        [&](const YamlNode& item) {
            words.push_back(read_word(item, context));
            draft.nodes.insert_or_assign(kind + "/" + words.back(), item);
        },
        context);
    if (words.empty() && kind == "formats") {
        node.fail("an image in no format is none", "write 'formats: [qcow2]', or leave it out");
    }
    return words;
}

void require_variable_name(const std::string& name, const YamlNode& place) {
    static const std::regex k_name("[A-Za-z_][A-Za-z0-9_]*");
    if (!std::regex_match(name, k_name)) {
        place.fail("'" + name + "' can be no variable", "use letters, digits and '_'");
    }
}

std::map<std::string, std::string> read_environment(const YamlNode& node, ReadContext& context) {
    std::map<std::string, std::string> values = read_texts(node, context);
    for (const auto& [key, value] : node.entries()) {
        const std::string name = key.text();
        context.problems.attempt([&, &place = key] { require_variable_name(name, place); });
        if (util::is_secret_name(name) && values.count(name) > 0 && !values[name].empty() &&
            !process::names_a_place(name, values[name])) {
            context.problems.attempt([&, &place = value] {
                place.fail("'" + name + "' looks like a secret; those are not written here",
                           "under secrets, write '" + name + ": env:" + name + "' or '" + name +
                               ": file:PATH'");
            });
        }
    }
    return values;
}

SecretReference read_secret(const YamlNode& node, const ReadContext& context) {
    const std::string text = node.value_text();
    if (text.rfind("env:", 0) == 0 && text.size() > 4) {
        return {SecretReference::Place::environment, text.substr(4)};
    }
    if (text.rfind("file:", 0) == 0 && text.size() > 5) {
        return {SecretReference::Place::file, whole_path(text.substr(5), context)};
    }
    node.fail("a secret is not written here, only where it is", "write env:VARIABLE or file:PATH");
}

std::map<std::string, SecretReference>
read_secrets(const YamlNode& node, Draft& draft, ReadContext& context) {
    std::map<std::string, SecretReference> secrets;
    for (const auto& [key, value] : node.entries()) {
        context.problems.attempt([&, &name = key, &place = value] {
            require_variable_name(name.text(), name);
            draft.nodes.insert_or_assign("secrets/" + name.text(), place);
            secrets[name.text()] = read_secret(place, context);
        });
    }
    return secrets;
}

/// "web.yaml.j2" becomes "web.yaml".
std::string target_name(const std::string& source) {
    const std::filesystem::path path(source);
    const std::string extension = path.extension();
    const bool is_template = extension == ".j2" || extension == ".jinja2" ||
                             extension == ".mustache" || extension == ".tmpl";
    return is_template ? path.stem().string() : path.filename().string();
}

OutputDefinition read_output(const YamlNode& node, Draft& draft, ReadContext& context) {
    OutputDefinition output = {.position = node.position()};
    if (node.is_scalar()) {
        output.source = read_path(node, context);
    } else {
        read_map(node,
                 {sets("template", output.source, read_path, context),
                  sets("to", output.target, read_word, context),
                  {"store",
                   [&](const YamlNode& value) {
                       output.store = read_word(value, context);
                       draft.nodes.insert_or_assign("stores/" + output.store, value);
                   }}},
                 context);
    }
    if (output.source.empty()) {
        node.fail("an output needs a template", "write 'template: PATH'");
    }
    if (!std::filesystem::is_regular_file(output.source)) {
        node.fail("there is no template '" + output.source + "'",
                  "a relative path starts from the folder of this file");
    }
    check_template(output.source);
    if (output.target.empty()) {
        output.target = target_name(output.source);
    }
    const std::filesystem::path target = std::filesystem::path(output.target).lexically_normal();
    output.target = target.string();
    draft.nodes.insert_or_assign("outputs/" + output.target, node);
    if (target.is_absolute() || *target.begin() == ".." || !target.has_filename() ||
        target == ".") {
        node.fail("'" + output.target + "' leads out of the image's folder",
                  "name a file below it, as heat/web.yaml");
    }
    static const std::set<std::string> k_taken = {
        "result.json", "tests.json", "logs", "base", ".lock"};
    if (k_taken.count(target.begin()->string()) > 0) {
        node.fail("'" + output.target + "' is taken by kiln", "choose another name");
    }
    return output;
}

/// Whether the path is the other one, or leads below it.
bool is_within(const std::string& path, const std::string& other) {
    return (path + "/").rfind(other + "/", 0) == 0;
}

std::vector<OutputDefinition>
read_outputs(const YamlNode& node, Draft& draft, ReadContext& context) {
    std::vector<OutputDefinition> outputs;
    read_each(
        node,
        [&](const YamlNode& item) {
            OutputDefinition output = read_output(item, draft, context);
            for (const OutputDefinition& other : outputs) {
                if (is_within(output.target, other.target) ||
                    is_within(other.target, output.target)) {
                    item.fail("two outputs would be '" + other.target + "'",
                              "give one of them another name: 'to: NAME'");
                }
            }
            outputs.push_back(std::move(output));
        },
        context);
    return outputs;
}

std::vector<std::string> read_folders(const YamlNode& node, ReadContext& context) {
    std::vector<std::string> folders;
    read_each(
        node,
        [&](const YamlNode& item) {
            folders.push_back(read_path(item, context));
            if (!std::filesystem::is_directory(folders.back())) {
                item.fail("there is no folder '" + folders.back() + "'",
                          "a relative path starts from the folder of this file");
            }
        },
        context);
    return folders;
}

void refuse_two_values(const Draft& draft, ReadContext& context) {
    for (const auto& [name, secret] : draft.image.secrets) {
        context.problems.attempt([&, &key = name] {
            if (draft.image.environment.count(key) > 0) {
                place_of(draft, "secrets/" + key)
                    .fail("'" + key + "' stands under environment too", "leave one of them out");
            }
        });
    }
}

std::vector<KeyReader> list_keys(Draft& draft, ReadContext& context) {
    ImageDefinition& image = draft.image;
    const auto noted = [&draft, &context](const char* key, auto& list) {
        return KeyReader{key, [&draft, &context, &list, key](const YamlNode& node) {
                             list = read_noted(node, key, draft, context);
                         }};
    };
    return {noted("inherits", image.inherits),
            noted("elements", image.elements),
            noted("formats", image.formats),
            sets("elements_path", image.elements_path, read_folders, context),
            sets("packages", image.packages, read_words, context),
            sets("environment", image.environment, read_environment, context),
            {"secrets",
             [&](const YamlNode& node) { image.secrets = read_secrets(node, draft, context); }},
            {"bundle",
             [&](const YamlNode& node) {
                 const std::string folder = read_path(node, context);
                 if (!std::filesystem::is_directory(folder)) {
                     node.fail("there is no bundle '" + folder + "'",
                               "a relative path starts from the folder of this file");
                 }
                 draft.bundle = read_bundle(folder, draft, context);
             }},
            {"outputs",
             [&](const YamlNode& node) { image.outputs = read_outputs(node, draft, context); }}};
}

std::vector<KeyReader> build_keys(Draft& draft, ReadContext& context) {
    ImageDefinition& image = draft.image;
    return {sets("abstract", image.abstract, read_flag, context),
            sets("architecture", image.architecture, read_word, context),
            {"compression",
             [&](const YamlNode& node) {
                 image.compression = read_choice(node, {"zstd", "zlib", "none"}, context);
             }},
            sets("image_size", image.image_size, read_number, context),
            {"freshness",
             [&](const YamlNode& node) {
                 draft.nodes.insert_or_assign("freshness", node);
                 image.freshness = read_word(node, context);
             }},
            sets("hook_timeout", image.hook_timeout, read_number, context),
            sets("base_element", image.with_base_element, read_flag, context),
            sets("network", image.network, read_flag, context),
            {"from",
             [&](const YamlNode& node) {
                 draft.nodes.insert_or_assign("from", node);
                 image.base = read_base(node, context);
             }},
            sets("tests", image.tests, read_tests, context),
            {"publish", [&](const YamlNode& node) { read_publication(node, draft, context); }}};
}

} // namespace

const config::YamlNode& place_of(const Draft& draft, const std::string& key) {
    const auto found = draft.nodes.find(key);
    return found == draft.nodes.end() ? draft.nodes.at("image") : found->second;
}

Draft read_draft(const std::string& name, const YamlNode& node, ReadContext& context) {
    Draft draft;
    draft.image.name = name;
    draft.image.position = node.position();
    draft.nodes.insert_or_assign("image", node);
    std::vector<KeyReader> keys = list_keys(draft, context);
    for (KeyReader& key : build_keys(draft, context)) {
        keys.push_back(std::move(key));
    }
    if (node.is_null()) {
        return draft;
    }
    const std::size_t mistakes = context.problems.count();
    read_map(node, keys, context);
    if (draft.bundle) {
        inherit(draft.image, *draft.bundle);
    }
    refuse_two_values(draft, context);
    draft.has_mistakes = context.problems.count() > mistakes;
    return draft;
}

} // namespace kiln::chain
