#include "chain/definition_reader.hpp"

#include "chain/bundle.hpp"
#include "chain/definition_checks.hpp"
#include "chain/draft.hpp"
#include "config/yaml.hpp"
#include "util/edit_distance.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <optional>
#include <regex>
#include <set>

namespace kiln::chain {
namespace {

using config::YamlNode;

/// The parts of a file; images are completed one after the other.
class Reader {
public:
    Reader(const ReadOptions& options, ReadContext& context)
        : options_(options), context_(context) {}

    RunDefinition read(const YamlNode& document) {
        read_top(document);
        return complete_all();
    }

    /// A bundle that is run by itself.
    RunDefinition read_alone(const std::string& folder) {
        run_.output = (context_.folder / "out").string();
        Draft draft;
        if (const auto bundle = read_bundle(folder, draft, context_)) {
            inherit(draft.image, *bundle);
        } else {
            draft.has_mistakes = true;
        }
        draft.image.name = draft.image.bundle;
        if (!context_.problems.any()) {
            require_image_name(draft.image.name, place_of(draft, "bundle"));
        }
        drafts_.push_back(std::move(draft));
        return complete_all();
    }

private:
    RunDefinition complete_all() {
        if (!options_.output.empty()) {
            run_.output = options_.output.string();
        }
        if (!options_.stores.empty()) {
            run_.stores = options_.stores;
        }
        for (Draft& draft : drafts_) {
            context_.problems.attempt([&] { complete(draft); });
        }
        context_.problems.attempt([&] {
            if (run_.images.empty() && !drafts_.empty() && !context_.problems.any()) {
                place_of(drafts_.front(), "image")
                    .fail("all images are abstract: there is nothing to do",
                          "leave 'abstract' out of one");
            }
        });
        check_published_names();
        return std::move(run_);
    }

    void read_top(const YamlNode& document) {
        run_.output = (context_.folder / "out").string();
        std::optional<std::string> version;
        read_map(document,
                 {{"version",
                   [&](const YamlNode& node) { version = read_choice(node, {"1"}, context_); }},
                  sets("output", run_.output, read_path, context_),
                  {"defaults", [&](const YamlNode& node) { read_defaults(node); }},
                  {"stores", [&](const YamlNode& node) { read_stores(node); }},
                  {"images", [&](const YamlNode& node) { read_images(node); }}},
                 context_);
        context_.problems.attempt([&] {
            if (!version && !document.find("version")) {
                document.fail("the file does not say which version of the format it has",
                              "begin it with 'version: 1'");
            }
            if (drafts_.empty() && !context_.problems.any()) {
                document.fail("the file has no images", "add 'images:'; see kiln-run(1)");
            }
        });
    }

    void read_defaults(const YamlNode& node) {
        defaults_ = read_draft("", node, context_);
        for (const char* key : {"inherits", "abstract"}) {
            if (const auto found = node.is_map() ? node.find(key) : std::nullopt) {
                found->fail("defaults have no '" + std::string(key) + "'",
                            "write it in an image; defaults are for all of them");
            }
        }
    }

    void read_stores(const YamlNode& node) {
        for (const auto& [name, value] : node.entries()) {
            context_.problems.attempt([&, &key = name, &content = value] {
                // One with mistakes is there nevertheless for those that name it.
                run_.stores.push_back({.name = key.text()});
                run_.stores.back() = read_store(key.text(), content, context_);
            });
        }
    }

    void read_images(const YamlNode& node) {
        if (node.is_null() || node.entries().empty()) {
            node.fail("the file has no images", "add one below 'images:'; see kiln-run(1)");
        }
        for (const auto& [name, value] : node.entries()) {
            context_.problems.attempt([&, &key = name, &content = value] {
                require_image_name(key.text(), key);
                drafts_.push_back(read_draft(key.text(), content, context_));
                drafts_.back().image.position = key.position();
                // An empty value stands nowhere.
                drafts_.back().nodes.insert_or_assign("image", key);
            });
        }
    }

    /// It becomes the name of a folder beside the result of the run.
    static void require_image_name(const std::string& name, const YamlNode& place) {
        static const std::regex k_name("[A-Za-z0-9][A-Za-z0-9._-]*");
        static const std::set<std::string> k_taken = {"bases", "result.json", "junit.xml"};
        if (!std::regex_match(name, k_name) || k_taken.count(name) > 0) {
            place.fail("'" + name + "' can be no name of an image here",
                       "use letters, digits, '.', '_' and '-'; publish.name may be any");
        }
    }

    Draft* find(const std::string& name) {
        const auto found = std::find_if(drafts_.begin(), drafts_.end(), [&](const Draft& draft) {
            return draft.image.name == name;
        });
        return found == drafts_.end() ? nullptr : &*found;
    }

    std::vector<std::string> names() const {
        std::vector<std::string> names;
        for (const Draft& draft : drafts_) {
            names.push_back(draft.image.name);
        }
        return names;
    }

    static void add(Draft& onto, const Draft& parent) {
        inherit(onto.image, parent.image);
        onto.has_mistakes = onto.has_mistakes || parent.has_mistakes;
        onto.nodes.insert(parent.nodes.begin(), parent.nodes.end());
    }

    /// The image with all that it inherits; the nearest parent first.
    void collect(Draft& onto,
                 const Draft& from,
                 const std::set<std::string>& path,
                 std::set<std::string>& visited) {
        for (auto name = from.image.inherits.rbegin(); name != from.image.inherits.rend(); ++name) {
            const Draft* parent = find(*name);
            if (parent == nullptr) {
                onto.has_mistakes = true;
                context_.problems.attempt([&] {
                    place_of(from, "inherits/" + *name)
                        .fail("there is no image '" + *name + "' to inherit from",
                              util::did_you_mean(*name, names(), "it must be in this file"));
                });
                continue;
            }
            std::set<std::string> longer = path;
            if (!longer.insert(*name).second) {
                place_of(from, "inherits/" + *name)
                    .fail("image '" + *name + "' inherits from itself", "leave one of them out");
            }
            // Whoever comes to it again has all of it already.
            if (visited.insert(*name).second) {
                add(onto, *parent);
                collect(onto, *parent, longer, visited);
            }
        }
    }

    void complete(const Draft& draft) {
        Draft whole = draft;
        std::set<std::string> visited;
        collect(whole, draft, {draft.image.name}, visited);
        if (defaults_) {
            add(whole, *defaults_);
        }
        if (draft.image.abstract) {
            return;
        }
        name_cloud(whole);
        if (!options_.stores.empty()) {
            forget_stores(whole.image);
        }
        check_image(whole,
                    context_,
                    {.stores = run_.stores,
                     .own_elements = options_.own_elements,
                     .problems = context_.problems,
                     .is_wanted = is_wanted(whole.image.name)});
        run_.images.push_back(whole.image);
        if (is_wanted(whole.image.name)) {
            complete_.push_back(std::move(whole));
        }
    }

    [[nodiscard]] bool is_wanted(const std::string& name) const {
        const std::vector<std::string>& names = options_.names;
        return names.empty() || std::find(names.begin(), names.end(), name) != names.end();
    }

    /// The caller named others.
    static void forget_stores(ImageDefinition& image) {
        image.publish.stores.reset();
        if (image.outputs) {
            for (OutputDefinition& output : *image.outputs) {
                output.store.clear();
            }
        }
    }

    /// An id in a bundle is one of the cloud that is worked with.
    void name_cloud(Draft& draft) const {
        std::optional<BaseDefinition>& base = draft.image.base;
        if (!base || base->kind != BaseDefinition::Kind::cloud || !base->cloud.empty()) {
            return;
        }
        for (const StoreDefinition& store : run_.stores) {
            if (!store.cloud.empty()) {
                base->cloud = store.cloud;
                base->region = store.regions.empty() ? "" : store.regions.front();
                return;
            }
        }
        const auto found = options_.environment.find("OS_CLOUD");
        if (found == options_.environment.end() || found->second.empty()) {
            place_of(draft, "bundle")
                .fail("image '" + base->image + "' is no file, and no cloud is named",
                      "name it: kiln run --cloud NAME ..., or OS_CLOUD=NAME");
        }
        base->cloud = found->second;
    }

    /// Two images of one name in one store would take the name from one another in each run.
    void check_published_names() {
        std::set<std::pair<std::string, std::string>> seen;
        for (const Draft& draft : complete_) {
            for (const Publication& publication : publications_of(draft.image, run_)) {
                const std::string name = published_name(draft.image);
                context_.problems.attempt([&] {
                    if (!seen.emplace(publication.store->name, name).second) {
                        place_of(draft, "name")
                            .fail("two images would be published as '" + name + "' in store '" +
                                      publication.store->name + "'",
                                  "give one of them another publish.name");
                    }
                });
            }
        }
    }

    const ReadOptions& options_;
    ReadContext& context_;
    RunDefinition run_{};
    std::optional<Draft> defaults_{};
    std::vector<Draft> drafts_{};
    std::vector<Draft> complete_{};
};

} // namespace

RunDefinition read_definition(const std::string& path, const ReadOptions& options) {
    const Variables variables(options.environment);
    Problems problems;
    ReadContext context = {.folder = folder_of(path), .variables = variables, .problems = problems};
    RunDefinition run;
    problems.attempt([&] {
        Reader reader(options, context);
        run = std::filesystem::is_directory(path) ? reader.read_alone(context.folder.string())
                                                  : reader.read(config::load_yaml(path));
    });
    problems.throw_if_any();
    run.path = path;
    return run;
}

std::filesystem::path folder_of(const std::string& path) {
    const std::filesystem::path absolute = std::filesystem::absolute(path).lexically_normal();
    if (!std::filesystem::is_directory(absolute)) {
        return absolute.parent_path();
    }
    return absolute.has_filename() ? absolute : absolute.parent_path();
}

void select_images(RunDefinition& run, const std::vector<std::string>& names) {
    if (names.empty()) {
        return;
    }
    std::vector<std::string> known;
    for (const ImageDefinition& image : run.images) {
        known.push_back(image.name);
    }
    for (const std::string& name : names) {
        if (std::find(known.begin(), known.end(), name) == known.end()) {
            throw util::Error(
                {.what = "'" + run.path + "' has no image '" + name + "'",
                 .hint = util::did_you_mean(name, known, "it has: " + util::join(known, ", ")),
                 .code = util::ExitCode::usage});
        }
    }
    const auto is_unwanted = [&](const ImageDefinition& image) {
        return std::find(names.begin(), names.end(), image.name) == names.end();
    };
    run.images.erase(std::remove_if(run.images.begin(), run.images.end(), is_unwanted),
                     run.images.end());
}

} // namespace kiln::chain
