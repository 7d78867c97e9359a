#include "base/nested_disk.hpp"

#include "base/tree_writer.hpp"
#include "util/error.hpp"
#include "util/fd.hpp"
#include "util/text.hpp"

#include <fcntl.h>

#include <utility>

namespace kiln::base {
namespace {

bool is_disk(const util::TreeEntry& entry) {
    const std::string path = clean_entry_path(entry.path);
    return entry.type == util::EntryType::regular && path.find('/') == std::string::npos &&
           path.ends_with(".raw");
}

} // namespace

NestedDisk::NestedDisk(util::TreeSink& tree, std::string disk, std::uint64_t most_bytes)
    : tree_(tree), path_(std::move(disk)), most_bytes_(most_bytes) {}

void NestedDisk::add(const util::TreeEntry& entry) {
    if (disk_) {
        throw util::Error({.what = "the archive holds a disk image and '" + entry.path + "'",
                           .hint = "unpack it by hand and give the disk image"});
    }
    if (!passed_ && is_disk(entry)) {
        if (entry.size > most_bytes_) {
            throw util::Error({.what = "the disk '" + entry.path + "' is larger than " +
                                       util::human_bytes(most_bytes_)});
        }
        disk_.emplace(util::open_file(path_, O_WRONLY | O_CREAT | O_EXCL, 0600), path_, entry.size);
        return;
    }
    passed_ = passed_ || entry.type != util::EntryType::directory;
    tree_.add(entry);
}

void NestedDisk::data(std::uint64_t offset, std::string_view bytes) {
    if (disk_) {
        disk_->write(offset, bytes);
    } else {
        tree_.data(offset, bytes);
    }
}

void NestedDisk::finish() {
    if (disk_) {
        disk_->finish();
    } else {
        tree_.finish();
    }
}

} // namespace kiln::base
