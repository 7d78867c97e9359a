#include "store/directory/upload.hpp"

#include "store/directory/data_writer.hpp"
#include "store/directory/image_rows.hpp"
#include "store/directory/local_error.hpp"
#include "store/directory/name_links.hpp"
#include "store/directory/recovery.hpp"

#include <unistd.h>

#include <cstdio>

namespace kiln::store {
namespace {

void check_queued(const Image& image) {
    if (image.status == ImageStatus::queued) {
        return;
    }
    const bool saving = image.status == ImageStatus::saving;
    throw StoreError(Problem::conflict,
                     {.what = "image '" + image.id + "' is " + status_name(image.status) +
                              ", and gets data only while it is queued",
                      .hint = saving ? "another process uploads it: wait for that"
                                     : "make a new image for other data",
                      .code = util::ExitCode::failed});
}

} // namespace

Upload::~Upload() {
    if (part_) {
        try {
            undo();
        } catch (const std::exception&) { // done when the folder is next opened
        }
    }
}

void Upload::begin(const std::string& time) {
    time_ = time;
    Transaction transaction(index_, Transaction::Kind::write);
    release_dead_uploads(index_, folder_, time);
    std::optional<Image> image = load_image(index_, id_);
    if (!image) {
        refuse_absent(id_, folder_);
    }
    check_queued(*image);
    disk_format_ = image->disk_format;
    // A part of an upload that died may be here, but none that lives.
    part_ = LockedFile::take(folder_.part(id_));
    if (!part_) {
        throw StoreError(Problem::conflict,
                         {.what = "another process has '" + folder_.part(id_) + "'",
                          .hint = "wait for it to end",
                          .code = util::ExitCode::failed});
    }
    if (::ftruncate(part_->fd(), 0) != 0) {
        throw_local("cannot write '" + part_->path() + "'");
    }
    image->status = ImageStatus::saving;
    image->updated_at = time;
    update_image(index_, *image);
    transaction.commit();
}

StoredData Upload::write(const ImageData& data) {
    return write_data(part_->fd(), part_->path(), data, disk_format_);
}

Image Upload::commit(const StoredData& stored, const std::string& time) {
    time_ = time;
    Transaction transaction(index_, Transaction::Kind::write);
    std::optional<Image> image = load_image(index_, id_);
    if (!image || !part_->is_current()) {
        throw StoreError(Problem::absent,
                         {.what = "image '" + id_ + "' was removed while its data was written",
                          .code = util::ExitCode::failed});
    }
    const std::string path = folder_.data(id_, disk_format_);
    if (std::rename(part_->path().c_str(), path.c_str()) != 0) {
        throw_local("cannot write '" + path + "'");
    }
    renamed_ = true;
    sync_folder(folder_.files());
    image->status = ImageStatus::active;
    image->size = stored.size;
    image->virtual_size = stored.virtual_size;
    image->checksum = stored.md5;
    image->hash_algorithm = "sha512";
    image->hash_value = stored.sha512;
    image->updated_at = time;
    update_image(index_, *image);
    refresh_link(index_, folder_, image->name, disk_format_);
    transaction.commit();
    part_.reset();
    return std::move(*image);
}

void Upload::undo() {
    Transaction transaction(index_, Transaction::Kind::write);
    std::optional<Image> image = load_image(index_, id_);
    if (image && image->is_complete()) { // the commit failed only after it was on the disk
        return;
    }
    if (!renamed_ && !part_->is_current()) { // a hand removed it; the path may be another's now
        return;
    }
    ::unlink(renamed_ ? folder_.data(id_, disk_format_).c_str() : part_->path().c_str());
    if (image && image->status == ImageStatus::saving) {
        image->status = ImageStatus::queued;
        image->updated_at = time_;
        update_image(index_, *image);
        refresh_link(index_, folder_, image->name, disk_format_);
    }
    transaction.commit();
}

void refuse_absent(const std::string& id, const Folder& folder) {
    throw StoreError(Problem::absent,
                     {.what = "there is no image '" + id + "' in '" + folder.path() + "'",
                      .code = util::ExitCode::failed});
}

} // namespace kiln::store
