#include "store/directory/directory_store.hpp"

#include "store/directory/image_rows.hpp"
#include "store/directory/name_links.hpp"
#include "store/directory/outgoing_data.hpp"
#include "store/directory/recovery.hpp"
#include "store/directory/rules.hpp"
#include "store/directory/schema.hpp"
#include "store/directory/upload.hpp"
#include "store/store_error.hpp"
#include "store/uuid.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <ctime>

namespace kiln::store {
namespace {

[[noreturn]] void refuse_for(Problem problem, std::string what, std::string hint = "") {
    throw StoreError(
        problem,
        {.what = std::move(what), .hint = std::move(hint), .code = util::ExitCode::failed});
}

bool is_saving(const Image& image) {
    return image.status == ImageStatus::saving;
}

Image image_of(const NewImage& wanted) {
    Image image = {.id = wanted.id.empty() ? new_uuid() : wanted.id, .name = wanted.name};
    image.disk_format = wanted.disk_format;
    image.container_format = wanted.container_format;
    image.visibility = wanted.visibility;
    image.hidden = wanted.hidden;
    image.is_protected = wanted.is_protected;
    image.min_disk = wanted.min_disk;
    image.min_ram = wanted.min_ram;
    image.tags = wanted.tags;
    image.properties = wanted.properties;
    return image;
}

void check_readable(const Image& image) {
    if (image.status == ImageStatus::deactivated) {
        refuse_for(Problem::forbidden,
                   "image '" + image.id + "' is deactivated: its data is not handed out",
                   "reactivate it first");
    }
    if (image.status != ImageStatus::active) {
        refuse_for(Problem::conflict,
                   "image '" + image.id + "' has no data: it is " + status_name(image.status));
    }
}

} // namespace

DirectoryStore::DirectoryStore(std::string folder, DirectoryOptions options)
    : options_(std::move(options)),
      folder_(std::move(folder)),
      index_(open_index(folder_, options_.patience)) {
    Transaction transaction(index_, Transaction::Kind::write);
    release_dead_uploads(index_, folder_, time());
    sweep_files(index_, folder_);
    repair_links(index_, folder_);
    transaction.commit();
}

std::string DirectoryStore::describe() const {
    return "folder '" + folder_.path() + "'";
}

std::vector<Image> DirectoryStore::list(const ImageFilter& filter) {
    const auto load = [&] {
        const Transaction transaction(index_, Transaction::Kind::read);
        return load_images(index_, filter);
    };
    std::vector<Image> images = load();
    if (std::any_of(images.begin(), images.end(), is_saving)) {
        release_dead();
        images = load();
    }
    return images;
}

std::optional<Image> DirectoryStore::find(const std::string& id) {
    const auto load = [&] {
        const Transaction transaction(index_, Transaction::Kind::read);
        return load_image(index_, id);
    };
    std::optional<Image> image = load();
    if (image && is_saving(*image)) {
        release_dead();
        image = load();
    }
    return image;
}

Image DirectoryStore::create(const NewImage& wanted) {
    Image image = image_of(wanted);
    check_image(image);
    image.created_at = time();
    image.updated_at = image.created_at;
    Transaction transaction(index_, Transaction::Kind::write);
    if (is_id_used(index_, image.id)) {
        refuse_for(Problem::conflict,
                   "there is, or was, an image '" + image.id + "'",
                   "give another id, or none");
    }
    insert_image(index_, image);
    transaction.commit();
    return image;
}

Image DirectoryStore::upload(const std::string& id, const ImageData& data) {
    Upload upload(index_, folder_, id);
    upload.begin(time());
    const StoredData stored = upload.write(data);
    return upload.commit(stored, time());
}

Image DirectoryStore::update(const std::string& id, const ImageChange& change) {
    Transaction transaction(index_, Transaction::Kind::write);
    const Image before = existing(id);
    if (change.empty()) {
        return before;
    }
    Image after = changed(before, change);
    check_image(after);
    save(after);
    if (before.name != after.name) {
        refresh_link(index_, folder_, before.name, before.disk_format);
    }
    transaction.commit();
    return after;
}

void DirectoryStore::deactivate(const std::string& id) {
    change_status(id, ImageStatus::active, ImageStatus::deactivated);
}

void DirectoryStore::reactivate(const std::string& id) {
    change_status(id, ImageStatus::deactivated, ImageStatus::active);
}

Removal DirectoryStore::remove(const std::string& id) {
    Transaction transaction(index_, Transaction::Kind::write);
    const std::optional<Image> image = load_image(index_, id);
    if (!image) {
        return Removal::absent;
    }
    if (image->is_protected) {
        return Removal::is_protected;
    }
    delete_image(index_, *image, time());
    refresh_link(index_, folder_, image->name, image->disk_format);
    transaction.commit();
    // What stays here is swept when the folder is next opened.
    ::unlink(folder_.data(id, image->disk_format).c_str());
    ::unlink(folder_.part(id).c_str());
    return Removal::removed;
}

void DirectoryStore::download(const std::string& id,
                              const std::string& path,
                              const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
    const Image image = [&] {
        const Transaction transaction(index_, Transaction::Kind::read);
        return existing(id);
    }();
    check_readable(image);
    copy_data(image, folder_.data(id, image.disk_format), path, progress);
}

std::string DirectoryStore::time() const {
    const std::time_t now = std::chrono::system_clock::to_time_t(options_.now());
    std::tm parts = {};
    ::gmtime_r(&now, &parts);
    std::array<char, 32> text{};
    const std::size_t length =
        std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
    return {text.data(), length};
}

Image DirectoryStore::existing(const std::string& id) {
    std::optional<Image> image = load_image(index_, id);
    if (!image) {
        refuse_absent(id, folder_);
    }
    return std::move(*image);
}

/// Within a transaction.
void DirectoryStore::save(Image& image) {
    image.updated_at = time();
    update_image(index_, image);
    refresh_link(index_, folder_, image.name, image.disk_format);
}

void DirectoryStore::change_status(const std::string& id, ImageStatus from, ImageStatus to) {
    Transaction transaction(index_, Transaction::Kind::write);
    Image image = existing(id);
    if (image.status == to) {
        return;
    }
    if (image.status != from) {
        refuse_for(Problem::forbidden,
                   "image '" + id + "' is " + status_name(image.status) + ": only one that is " +
                       status_name(from) + " can become " + status_name(to));
    }
    image.status = to;
    save(image);
    transaction.commit();
}

void DirectoryStore::release_dead() {
    Transaction transaction(index_, Transaction::Kind::write);
    release_dead_uploads(index_, folder_, time());
    transaction.commit();
}

} // namespace kiln::store
