#pragma once

#include "store/directory/database.hpp"
#include "store/directory/folder.hpp"
#include "store/directory/incoming_data.hpp"
#include "store/directory/locked_file.hpp"
#include "store/image_store.hpp"

#include <optional>
#include <string>

namespace kiln::store {

/// One upload. The image is saving, and its part file locked, from begin() to the end; unless
/// committed, the image is queued again and the part gone.
class Upload {
public:
    Upload(Database& index, const Folder& folder, std::string id)
        : index_(index), folder_(folder), id_(std::move(id)) {}

    Upload(const Upload&) = delete;
    Upload& operator=(const Upload&) = delete;
    Upload(Upload&&) = delete;
    Upload& operator=(Upload&&) = delete;
    ~Upload();

    /// Throws StoreError: absent, or a conflict unless the image is queued.
    void begin(const std::string& time);

    StoredData write(const ImageData& data);

    /// The image is active then.
    Image commit(const StoredData& stored, const std::string& time);

private:
    void undo();

    Database& index_;
    const Folder& folder_;
    std::string id_;
    std::string disk_format_{};
    std::string time_{};
    std::optional<LockedFile> part_{};
    bool renamed_ = false;
};

/// Throws the StoreError for an image that is not there.
[[noreturn]] void refuse_absent(const std::string& id, const Folder& folder);

} // namespace kiln::store
