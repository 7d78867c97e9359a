#include "chain/bundle.hpp"

#include "chain/output_stage.hpp"
#include "util/error.hpp"

#include <algorithm>
#include <filesystem>

namespace kiln::chain {
namespace {

namespace fs = std::filesystem;
using config::YamlNode;

/// The bundle's own words; variables of the environment play no part in it.
struct BundleFacts {
    std::string name{};
    std::string base{};
    std::map<std::string, std::string> properties{};
};

config::YamlNode load(const std::string& folder) {
    const fs::path file = fs::path(folder) / k_bundle_file;
    if (!fs::is_regular_file(file)) {
        throw util::Error({.what = "'" + folder + "' is no bundle: it has no " + k_bundle_file,
                           .hint = "name the folder of a bundle, or a definition (FILE.yaml)",
                           .code = util::ExitCode::usage});
    }
    return config::load_yaml(file.string());
}

YamlNode bundle_node(const YamlNode& document) {
    if (!document.is_map()) {
        document.fail("a bundle's variables are expected here", "begin with 'bundle:'");
    }
    const auto node = document.find("bundle");
    if (!node) {
        document.fail("there is no 'bundle:'", "a bundle has bundle.name, img_base, properties");
    }
    return *node;
}

/// Factories keep variables of their own beside these: what is not known is left alone.
BundleFacts read_facts(const YamlNode& node, Problems& problems) {
    BundleFacts facts;
    for (const auto& [key, value] : node.entries()) {
        problems.attempt([&, &name = key, &content = value] {
            if (name.text() == "name") {
                facts.name = content.value_text();
            } else if (name.text() == "img_base") {
                facts.base = content.value_text();
            } else if (name.text() == "properties") {
                for (const auto& [property, text] : content.entries()) {
                    problems.attempt([&, &word = property, &what = text] {
                        facts.properties[word.text()] = what.value_text();
                    });
                }
            } else if (content.is_null()) {
                [[maybe_unused]] const std::string text = content.value_text();
            }
        });
    }
    return facts;
}

BaseDefinition base_of(const BundleFacts& facts, const std::string& folder) {
    const fs::path file = fs::path(folder) / facts.base;
    if (facts.base.find('/') != std::string::npos || fs::is_regular_file(file)) {
        return {.kind = BaseDefinition::Kind::file, .file = file.lexically_normal().string()};
    }
    return {.kind = BaseDefinition::Kind::cloud, .image = facts.base};
}

std::vector<OutputDefinition> outputs_of(const std::string& folder) {
    std::vector<OutputDefinition> outputs;
    const fs::path templates = fs::path(folder) / "output";
    if (!fs::is_directory(templates)) {
        return outputs;
    }
    for (const auto& entry : fs::recursive_directory_iterator(templates)) {
        if (entry.is_regular_file() && entry.path().extension() == ".j2") {
            const fs::path target = "output" / fs::relative(entry.path(), templates);
            outputs.push_back({.source = entry.path().string(),
                               .target = (target.parent_path() / target.stem()).string()});
        }
    }
    std::sort(outputs.begin(), outputs.end(), [](const auto& left, const auto& right) {
        return left.source < right.source;
    });
    return outputs;
}

void add_playbook(const std::string& folder, ImageDefinition& image) {
    const fs::path ansible = fs::path(folder) / "ansible";
    if (!fs::is_regular_file(ansible / "bootstrap.yml")) {
        throw util::Error({.what = "bundle '" + folder + "' has no ansible/bootstrap.yml",
                           .hint = "that playbook is what makes the image",
                           .code = util::ExitCode::usage});
    }
    image.elements = {"vm", "ansible"};
    image.environment = {{"KILN_ANSIBLE_DIR", ansible.string()},
                         {"KILN_ANSIBLE_PLAYBOOK", "bootstrap.yml"}};
}

} // namespace

std::optional<ImageDefinition>
read_bundle(const std::string& folder, Draft& draft, ReadContext& context) {
    const YamlNode document = load(folder);
    const YamlNode node = bundle_node(document);
    draft.nodes.insert_or_assign("bundle", node);
    draft.nodes.insert({"image", node});
    const BundleFacts facts = read_facts(node, context.problems);
    std::optional<ImageDefinition> read;
    context.problems.attempt([&] {
        if (facts.name.empty()) {
            node.fail("the bundle has no name", "write 'name: NAME' below 'bundle:'");
        }
        if (facts.base.empty()) {
            node.fail("the bundle does not say what it starts from",
                      "write 'img_base: ID' (of an image of the cloud), or a file's path");
        }
        ImageDefinition bundle;
        bundle.bundle = facts.name;
        bundle.base = base_of(facts, folder);
        if (bundle.base->kind == BaseDefinition::Kind::file &&
            !fs::is_regular_file(bundle.base->file)) {
            node.find("img_base")
                ->fail("there is no file '" + bundle.base->file + "'",
                       "a relative path starts from the folder of the bundle");
        }
        add_playbook(folder, bundle);
        bundle.outputs = outputs_of(folder);
        for (const OutputDefinition& output : *bundle.outputs) {
            context.problems.attempt([&] { check_template(output.source); });
        }
        bundle.publish.name = facts.name;
        bundle.publish.properties = facts.properties;
        bundle.publish.exact_properties = true;
        read = std::move(bundle);
    });
    return read;
}

} // namespace kiln::chain
