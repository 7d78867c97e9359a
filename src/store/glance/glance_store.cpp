#include "store/glance/glance_store.hpp"

#include "store/file_digest.hpp"
#include "store/store_error.hpp"

#include <filesystem>

namespace kiln::store {

GlanceStore::GlanceStore(std::unique_ptr<net::HttpClient> http,
                         std::shared_ptr<TokenSource> tokens,
                         std::string region,
                         SessionOptions options,
                         UploadWay way,
                         report::Reporter& reporter)
    : http_(std::move(http)),
      session_(std::move(tokens), std::move(region), *http_, std::move(options), reporter),
      client_(session_),
      way_(std::move(way)) {}

std::string GlanceStore::describe() const {
    const std::string region = session_.region();
    return "cloud '" + session_.cloud().name + "'" +
           (region.empty() ? "" : ", region '" + region + "'");
}

std::string GlanceStore::owner() {
    return session_.token().project_id;
}

bool GlanceStore::may_publicize() {
    return session_.token().roles.count("admin") > 0;
}

std::vector<Image> GlanceStore::list(const ImageFilter& filter) {
    return client_.list(filter);
}

std::optional<Image> GlanceStore::find(const std::string& id) {
    return client_.show(id);
}

Image GlanceStore::create(const NewImage& image) {
    return client_.create(image);
}

Image GlanceStore::upload(const std::string& id, const ImageData& data) {
    const bool one_place = way_.stores.size() <= 1 && !way_.all_stores;
    if (way_.method == UploadWay::Method::put && one_place) {
        return client_.put_data(id, data, way_.stores.empty() ? "" : way_.stores.front());
    }
    return import_data(id, data);
}

Image GlanceStore::import_data(const std::string& id, const ImageData& data) {
    client_.stage(id, data);
    client_.start_import(id,
                         {.method = ImportRequest::Method::glance_direct,
                          .stores = way_.stores,
                          .all_stores = way_.all_stores});
    return client_.wait_for_import(id, way_.import_limit);
}

Image GlanceStore::update(const std::string& id, const ImageChange& change) {
    return client_.update(id, change);
}

void GlanceStore::deactivate(const std::string& id) {
    client_.deactivate(id);
}

void GlanceStore::reactivate(const std::string& id) {
    client_.reactivate(id);
}

Removal GlanceStore::remove(const std::string& id) {
    return client_.remove(id);
}

void GlanceStore::download(const std::string& id,
                           const std::string& path,
                           const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
    const std::optional<Image> image = client_.show(id);
    if (!image) {
        throw StoreError(Problem::absent,
                         {.what = "there is no image '" + id + "' in " + describe(),
                          .code = util::ExitCode::remote});
    }
    download_verified(
        *image, path, [&](const std::string& part) { client_.get_data(*image, part, progress); });
}

} // namespace kiln::store
