#include "chain/publish_stage.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace kiln::chain {

std::vector<PublishedImage> published_images(const std::string& json, const std::string& store) {
    std::vector<PublishedImage> images;
    try {
        for (const auto& entry : nlohmann::json::parse(json)) {
            images.push_back({.store = store,
                              .where = entry.at("store"),
                              .id = entry.at("id"),
                              .name = entry.at("name"),
                              .uploaded = entry.at("result") == "uploaded",
                              .steps = entry.value("steps", std::vector<std::string>{}),
                              .standing = entry.value("standing", ""),
                              .properties = entry.at("properties")});
        }
    } catch (const nlohmann::json::exception&) {
        throw util::Error({.what = "kiln publish did not say what it did",
                           .hint = "was its output cut off? run it again"});
    }
    return images;
}

void publish_to(const ImageDefinition& image,
                const Publication& publication,
                ImageOutcome& outcome,
                const Caller& caller,
                StepRunner& steps) {
    const StoreDefinition& store = *publication.store;
    const auto file =
        std::find_if(outcome.files.begin(), outcome.files.end(), [&](const ImageFile& candidate) {
            return candidate.format == publication.format;
        });
    const bool is_asked_for = image.publish.format.has_value() || !store.format.empty();
    if (file == outcome.files.end() && is_asked_for) {
        throw util::Error({.what = "store '" + store.name + "' gets " + publication.format +
                                   ", and the image is " + outcome.files.front().format,
                           .hint = "an image that is taken as it is has the format it has",
                           .code = util::ExitCode::usage});
    }
    const std::string& path = file == outcome.files.end() ? outcome.files.front().path : file->path;
    const process::Command command = publish_command(image, store, path, caller, Publish::do_it);
    const StepEnd end = steps.run("publish", command);
    if (!end.result.out.empty()) {
        for (PublishedImage& published : published_images(end.result.out, store.name)) {
            published.file = path;
            outcome.published.push_back(std::move(published));
        }
    }
    if (end.result.exit_code == 0) {
        return;
    }
    if (end.errors.empty()) {
        outcome.failed_stores.push_back({store.name, error_of(end, command)});
    }
    for (const util::ErrorInfo& error : end.errors) {
        outcome.failed_stores.push_back({store.name, error});
    }
}

} // namespace kiln::chain
