#include "chain/output_stage.hpp"

#include "render/render.hpp"
#include "util/atomic_file.hpp"
#include "util/error.hpp"
#include "util/fd.hpp"
#include "util/utc_time.hpp"

#include <algorithm>
#include <filesystem>

namespace kiln::chain {
namespace {

using render::Value;

Value::Map properties_of(const std::map<std::string, std::string>& properties) {
    Value::Map map;
    for (const auto& [name, value] : properties) {
        map.emplace(name, value);
    }
    return map;
}

Value::List published_list(const ImageOutcome& outcome) {
    Value::List list;
    for (const PublishedImage& image : outcome.published) {
        list.emplace_back(Value::Map{{"store", image.store},
                                     {"where", image.where},
                                     {"id", image.id},
                                     {"name", image.name}});
    }
    return list;
}

/// Those of the output's store, else of the first.
const PublishedImage* published_in(const OutputDefinition& output, const ImageOutcome& outcome) {
    const auto found = std::find_if(
        outcome.published.begin(), outcome.published.end(), [&](const PublishedImage& image) {
            return output.store.empty() || image.store == output.store;
        });
    return found == outcome.published.end() ? nullptr : &*found;
}

Value::Map file_values(const ImageFile& file) {
    return {{"file", file.path},
            {"format", file.format},
            {"size", std::to_string(file.size)},
            {"sha256", file.sha256}};
}

/// All of them as a list; what the image was published from, else the first, also by itself.
void add_files(Value::Map& values,
               const std::vector<ImageFile>& files,
               const PublishedImage* published) {
    Value::List list;
    for (const ImageFile& file : files) {
        list.emplace_back(file_values(file));
    }
    values["files"] = list;
    if (files.empty()) {
        return;
    }
    const auto sent = std::find_if(files.begin(), files.end(), [&](const ImageFile& file) {
        return published != nullptr && file.path == published->file;
    });
    for (auto& [name, value] : file_values(sent == files.end() ? files.front() : *sent)) {
        values.insert_or_assign(name, std::move(value));
    }
}

} // namespace

Value output_values(const OutputDefinition& output,
                    const ImageDefinition& image,
                    const ImageOutcome& outcome) {
    Value::Map values;
    const PublishedImage* published = published_in(output, outcome);
    if (published != nullptr) {
        values = properties_of(published->properties);
        values["result_img_id"] = published->id;
        values["properties"] = properties_of(published->properties);
        const auto version = published->properties.find("internal_version");
        if (version != published->properties.end()) {
            values["version"] = version->second;
        }
    }
    values["image"] = image.name;
    values["name"] = published_name(image);
    values["published"] = published_list(outcome);
    if (outcome.built > 0) {
        const std::string time = util::iso_time(outcome.built);
        values["time"] = time;
        values["date"] = time.substr(0, time.find('T'));
    }
    add_files(values, outcome.files, published);
    if (!image.bundle.empty()) {
        Value::Map bundle = {{"name", image.bundle}};
        bundle["properties"] = properties_of(image.publish.properties);
        values["bundle"] = bundle;
    }
    return values;
}

void check_template(const std::string& path) {
    render::check(util::read_file(path), path, render::syntax_of(path));
}

std::string write_output(const OutputDefinition& output,
                         const ImageDefinition& image,
                         const ImageOutcome& outcome,
                         const ImagePlaces& places) {
    const std::string text = render::render(util::read_file(output.source),
                                            output.source,
                                            render::syntax_of(output.source),
                                            output_values(output, image, outcome));
    const std::filesystem::path target = places.folder / output.target;
    std::error_code failed;
    std::filesystem::create_directories(target.parent_path(), failed);
    if (failed) {
        throw util::Error({.what = "cannot make the folder of output '" + target.string() +
                                   "': " + failed.message()});
    }
    util::write_file_atomically(target.string(), text);
    return target.string();
}

} // namespace kiln::chain
