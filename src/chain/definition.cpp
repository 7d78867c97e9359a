#include "chain/definition.hpp"

#include <algorithm>

namespace kiln::chain {
namespace {

template <typename Value>
void inherit_value(std::optional<Value>& value, const std::optional<Value>& parent) {
    if (!value) {
        value = parent;
    }
}

/// The parent's first; what is there twice stays where it was first.
void inherit_list(std::vector<std::string>& list, const std::vector<std::string>& parent) {
    std::vector<std::string> all = parent;
    for (const std::string& word : list) {
        if (std::find(all.begin(), all.end(), word) == all.end()) {
            all.push_back(word);
        }
    }
    list = std::move(all);
}

template <typename Value>
void inherit_map(std::map<std::string, Value>& map, const std::map<std::string, Value>& parent) {
    map.insert(parent.begin(), parent.end());
}

void inherit_publication(PublishDefinition& own, const PublishDefinition& parent) {
    inherit_value(own.name, parent.name);
    inherit_value(own.stores, parent.stores);
    inherit_value(own.format, parent.format);
    inherit_value(own.visibility, parent.visibility);
    inherit_value(own.is_protected, parent.is_protected);
    inherit_value(own.min_disk, parent.min_disk);
    inherit_value(own.min_ram, parent.min_ram);
    inherit_value(own.version, parent.version);
    inherit_value(own.promote, parent.promote);
    inherit_value(own.keep, parent.keep);
    inherit_value(own.delete_older, parent.delete_older);
    inherit_value(own.older, parent.older);
    inherit_value(own.swap, parent.swap);
    inherit_value(own.dated_name, parent.dated_name);
    inherit_value(own.adopt, parent.adopt);
    inherit_value(own.exact_properties, parent.exact_properties);
    inherit_list(own.tags, parent.tags);
    inherit_map(own.properties, parent.properties);
}

/// A variable has one value: the image's own goes before that of a parent, be it a secret or not.
void inherit_variables(ImageDefinition& image, const ImageDefinition& parent) {
    const auto environment = image.environment;
    for (const auto& [name, value] : parent.environment) {
        if (image.secrets.count(name) == 0) {
            image.environment.emplace(name, value);
        }
    }
    for (const auto& [name, secret] : parent.secrets) {
        if (environment.count(name) == 0) {
            image.secrets.emplace(name, secret);
        }
    }
}

} // namespace

void inherit(ImageDefinition& image, const ImageDefinition& parent) {
    inherit_value(image.base, parent.base);
    inherit_list(image.elements, parent.elements);
    std::vector<std::string> folders = parent.elements_path;
    std::swap(folders, image.elements_path);
    inherit_list(image.elements_path, folders); // the image's own come first
    inherit_variables(image, parent);
    inherit_list(image.packages, parent.packages);
    inherit_value(image.architecture, parent.architecture);
    inherit_value(image.formats, parent.formats);
    inherit_value(image.compression, parent.compression);
    inherit_value(image.image_size, parent.image_size);
    inherit_value(image.freshness, parent.freshness);
    inherit_value(image.hook_timeout, parent.hook_timeout);
    inherit_value(image.with_base_element, parent.with_base_element);
    inherit_value(image.network, parent.network);
    inherit_value(image.tests, parent.tests);
    inherit_value(image.publishes, parent.publishes);
    inherit_publication(image.publish, parent.publish);
    inherit_value(image.outputs, parent.outputs);
    if (image.bundle.empty()) {
        image.bundle = parent.bundle;
    }
}

std::vector<std::string> formats_of(const ImageDefinition& image) {
    return image.formats.value_or(std::vector<std::string>{"qcow2"});
}

std::vector<TestDefinition> tests_of(const ImageDefinition& image) {
    return image.tests.value_or(std::vector<TestDefinition>{BootTest{}});
}

std::string published_name(const ImageDefinition& image) {
    return image.publish.name.value_or(image.name);
}

std::vector<Publication> publications_of(const ImageDefinition& image, const RunDefinition& run) {
    if (!image.publishes.value_or(true)) {
        return {};
    }
    std::vector<Publication> publications;
    for (const StoreDefinition& store : run.stores) {
        const auto& wanted = image.publish.stores;
        if (wanted && std::find(wanted->begin(), wanted->end(), store.name) == wanted->end()) {
            continue;
        }
        std::string format = image.publish.format.value_or(formats_of(image).front());
        publications.push_back({&store, store.format.empty() ? format : store.format});
    }
    return publications;
}

} // namespace kiln::chain
