#include "inspect/tree_index.hpp"

#include "base/tree_writer.hpp"
#include "inspect/packages.hpp"
#include "inspect/visible_text.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

#include <utility>

namespace kiln::inspect {
namespace {

using util::EntryType;

/// A status of a whole distribution has 60 MB.
constexpr std::uint64_t k_most_database = std::uint64_t{256} * 1024 * 1024;

[[noreturn]] void refuse_tree(const std::string& path, const std::string& why) {
    throw util::Error(
        {.what = "the entry '" + visible_text(path) + "' of the image is refused: " + why});
}

} // namespace

TreeIndexer::TreeIndexer(const base::UnpackLimits& limits, std::function<void()> on_wait)
    : limits_(limits), on_wait_(std::move(on_wait)) {}

void TreeIndexer::add(const util::TreeEntry& entry) {
    if (on_wait_) {
        on_wait_();
    }
    end_file();
    count(entry);
    const std::string path = base::clean_entry_path(entry.path);
    if (path == "lost+found" && entry.type == EntryType::directory) {
        return;
    }
    if (entry.type == EntryType::hard_link) {
        add_link(path, entry);
        return;
    }
    IndexedFile file{.type = entry.type,
                     .mode = entry.mode,
                     .user = entry.user,
                     .group = entry.group,
                     .modified = entry.modified,
                     .size = entry.type == EntryType::regular ? entry.size : 0,
                     .target = entry.target,
                     .identity = entries_};
    for (const util::ExtendedAttribute& attribute : entry.attributes) {
        file.attributes[attribute.name] = attribute.value;
    }
    index_.has_fractions = index_.has_fractions || entry.modified.nanoseconds != 0;
    IndexedFile& stored = index_.files.insert_or_assign(path, std::move(file)).first->second;
    if (entry.type == EntryType::regular) {
        open_path_ = path;
        open_file_ = &stored;
        digest_.emplace(util::DigestKind::sha256);
        position_ = 0;
        open_database_ = is_package_database(path) && entry.size <= k_most_database
                             ? &(index_.databases[path] = {})
                             : nullptr;
    }
}

void TreeIndexer::count(const util::TreeEntry& entry) {
    ++entries_;
    if (entries_ > limits_.entries) {
        throw util::Error({.what = "the image has more than " + std::to_string(limits_.entries) +
                                   " files and folders"});
    }
    const std::uint64_t size = entry.type == EntryType::regular ? entry.size : 0;
    if (size > limits_.bytes - bytes_) {
        throw util::Error({.what = "the files of the image are larger than " +
                                   util::human_bytes(limits_.bytes) + " together"});
    }
    bytes_ += size;
}

void TreeIndexer::add_link(const std::string& path, const util::TreeEntry& entry) {
    const auto first = index_.files.find(base::clean_entry_path(entry.target));
    if (first == index_.files.end()) {
        refuse_tree(path, "a hard link to what the image did not bring");
    }
    const IndexedFile copy = first->second;
    index_.files.insert_or_assign(path, copy);
}

void TreeIndexer::data(std::uint64_t offset, std::string_view bytes) {
    if (on_wait_) {
        on_wait_();
    }
    if (open_file_ == nullptr) {
        return;
    }
    if (offset < position_ || offset > open_file_->size ||
        bytes.size() > open_file_->size - offset) {
        refuse_tree(open_path_, "its content lies outside of it");
    }
    digest_->update_zeros(offset - position_);
    digest_->update(bytes);
    position_ = offset + bytes.size();
    if (open_database_ != nullptr) {
        open_database_->resize(offset, '\0');
        open_database_->append(bytes);
    }
}

void TreeIndexer::end_file() {
    if (open_file_ == nullptr) {
        return;
    }
    digest_->update_zeros(open_file_->size - position_);
    open_file_->digest = digest_->finish();
    open_file_ = nullptr;
    open_database_ = nullptr;
}

void TreeIndexer::finish() {
    end_file();
}

} // namespace kiln::inspect
