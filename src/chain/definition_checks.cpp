#include "chain/definition_checks.hpp"

#include "cache/freshness_policy.hpp"
#include "disk/formats.hpp"
#include "util/edit_distance.hpp"
#include "util/text.hpp"

#include <algorithm>

namespace kiln::chain {
namespace {

bool has(const std::vector<std::string>& words, const std::string& word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

void check_elements(const Draft& draft, const CheckContext& context) {
    std::vector<std::filesystem::path> folders(draft.image.elements_path.begin(),
                                               draft.image.elements_path.end());
    folders.push_back(context.own_elements);
    const element::Catalog catalog(folders, {.own = context.own_elements});
    for (const std::string& name : draft.image.elements) {
        context.problems.attempt([&] {
            if (!catalog.find(name) && catalog.providers_of(name).empty()) {
                place_of(draft, "elements/" + name)
                    .fail("there is no element '" + name + "'",
                          util::did_you_mean(
                              name,
                              catalog.names(),
                              "see them: kiln element list; elements_path names more folders"));
            }
        });
    }
}

void check_formats(const Draft& draft, const CheckContext& context) {
    const std::vector<std::string> formats = formats_of(draft.image);
    for (const std::string& format : formats) {
        context.problems.attempt([&] {
            if (format.find(',') != std::string::npos) {
                place_of(draft, "formats/" + format)
                    .fail("'" + format + "' is several formats in one text",
                          "write a list: formats: [" + format + "]");
            }
            try {
                disk::parse_formats(format);
            } catch (const util::Error& error) {
                place_of(draft, "formats/" + format).fail(error.what(), error.info().hint);
            }
        });
    }
    if (draft.image.publish.format && !has(formats, *draft.image.publish.format)) {
        context.problems.attempt([&] {
            place_of(draft, "format")
                .fail("format '" + *draft.image.publish.format + "' is published, but not made",
                      "add it: formats: [" + util::join(formats, ", ") + ", " +
                          *draft.image.publish.format + "]");
        });
    }
}

/// A store may want a format that the image does not come in.
void check_publications(const Draft& draft, const CheckContext& context) {
    RunDefinition run;
    run.stores = context.stores;
    const std::vector<std::string> formats = formats_of(draft.image);
    for (const Publication& publication : publications_of(draft.image, run)) {
        if (draft.image.is_built() && !publication.store->format.empty() &&
            !has(formats, publication.format)) {
            context.problems.attempt([&] {
                place_of(draft, "image")
                    .fail("store '" + publication.store->name + "' takes " + publication.format +
                              ", which image '" + draft.image.name + "' is not made in",
                          "add it: formats: [" + util::join(formats, ", ") + ", " +
                              publication.format + "]");
            });
        }
    }
}

void check_stores(const Draft& draft, const CheckContext& context) {
    std::vector<std::string> known;
    for (const StoreDefinition& store : context.stores) {
        known.push_back(store.name);
    }
    std::vector<std::string> named =
        draft.image.publish.stores.value_or(std::vector<std::string>{});
    for (const OutputDefinition& output :
         draft.image.outputs.value_or(std::vector<OutputDefinition>{})) {
        named.push_back(output.store);
    }
    for (const std::string& name : named) {
        if (!name.empty() && !has(known, name)) {
            context.problems.attempt([&] {
                place_of(draft, "stores/" + name)
                    .fail("there is no store '" + name + "'",
                          util::did_you_mean(name,
                                             known,
                                             known.empty()
                                                 ? "the file has no stores"
                                                 : "known are: " + util::join(known, ", ")));
            });
        }
    }
}

void check_outputs(const Draft& draft, const CheckContext& context) {
    RunDefinition run;
    run.stores = context.stores;
    const std::vector<Publication> publications = publications_of(draft.image, run);
    for (const OutputDefinition& output :
         draft.image.outputs.value_or(std::vector<OutputDefinition>{})) {
        context.problems.attempt([&] {
            const std::string first = std::filesystem::path(output.target).begin()->string();
            if (first.rfind(draft.image.name + ".", 0) == 0 && draft.image.is_built()) {
                place_of(draft, "outputs/" + output.target)
                    .fail("'" + output.target + "' is what the image itself may be called",
                          "give the output another name: 'to: NAME'");
            }
        });
        const bool is_known =
            std::any_of(context.stores.begin(),
                        context.stores.end(),
                        [&](const StoreDefinition& store) { return store.name == output.store; });
        const bool is_published =
            std::any_of(publications.begin(), publications.end(), [&](const Publication& one) {
                return one.store->name == output.store;
            });
        context.problems.attempt([&] {
            if (is_known && !is_published) {
                place_of(draft, "outputs/" + output.target)
                    .fail("image '" + draft.image.name + "' is not published to store '" +
                              output.store + "'",
                          "name one that publish.stores has");
            }
        });
    }
}

void check_origin(const Draft& draft, const CheckContext& context) {
    const ImageDefinition& image = draft.image;
    context.problems.attempt([&] {
        if (!draft.has_mistakes && !image.base && image.elements.empty()) {
            place_of(draft, "image")
                .fail("image '" + image.name + "' is made from nothing",
                      "give it elements, or 'from'");
        }
        if (!draft.has_mistakes && image.base && !image.is_built() && image.formats) {
            place_of(draft, "formats/" + formats_of(image).front())
                .fail("image '" + image.name + "' is taken as it is; it has the format it has",
                      "leave formats out, or build upon it: elements: [debian, vm]");
        }
        const bool by_url =
            !draft.has_mistakes && image.base && image.base->kind == BaseDefinition::Kind::url;
        if (by_url && image.base->checksum.empty() && image.base->checksums.empty() &&
            image.base->url.rfind("https://", 0) != 0 && image.base->url.rfind("file://", 0) != 0) {
            place_of(draft, "from")
                .fail("nothing vouches for '" + image.base->url + "'",
                      "add 'checksum: sha256:...', or take https");
        }
    });
}

void check_secrets(const Draft& draft, const ReadContext& reading, const CheckContext& context) {
    for (const auto& [name, reference] : draft.image.secrets) {
        context.problems.attempt([&, &key = name, &source = reference] {
            reading.variables.require(
                source.place == SecretReference::Place::environment ? source.name : std::string(),
                place_of(draft, "secrets/" + key));
            if (source.place == SecretReference::Place::file &&
                !std::filesystem::is_regular_file(source.name)) {
                place_of(draft, "secrets/" + key)
                    .fail("secret '" + key + "': there is no file '" + source.name + "'",
                          "a relative path starts from the folder of this file");
            }
        });
    }
}

} // namespace

void check_image(const Draft& draft, const ReadContext& reading, const CheckContext& context) {
    check_origin(draft, context);
    context.problems.attempt([&] { check_elements(draft, context); });
    check_formats(draft, context);
    check_stores(draft, context);
    check_publications(draft, context);
    check_outputs(draft, context);
    if (context.is_wanted) {
        check_secrets(draft, reading, context);
    }
    if (draft.image.freshness) {
        context.problems.attempt([&] {
            try {
                cache::parse_freshness(*draft.image.freshness, "freshness");
            } catch (const util::Error& error) {
                place_of(draft, "freshness").fail(error.what(), error.info().hint);
            }
        });
    }
}

} // namespace kiln::chain
