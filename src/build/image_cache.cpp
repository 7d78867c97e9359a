#include "build/image_cache.hpp"

#include "build/build_store.hpp"
#include "build/disk_plan.hpp"
#include "build/program_id.hpp"
#include "util/digest.hpp"
#include "util/error.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <ctime>
#include <system_error>
#include <utility>

namespace kiln::build {
namespace {

namespace fs = std::filesystem;
using disk::ImageFormat;

std::string number(const std::optional<std::uint64_t>& value) {
    return value ? std::to_string(*value) : "";
}

/// The program itself is an input: another version may write other bytes.
std::string image_key(const BuildContext& context, const ImageInputs& inputs) {
    cache::KeyManifest key("kiln image 1");
    key.add("tree", inputs.chain);
    key.add("seed", inputs.seed);
    key.add("layout", util::sha256(layout_inputs(context)));
    key.add("size", number(inputs.image_size));
    key.add("more", std::to_string(context.options.extra_size));
    key.add("kiln", program_id());
    return key.digest();
}

/// What else decides the bytes of a format.
std::string file_key(const BuildContext& context, ImageFormat format) {
    const BuildOptions& options = context.options;
    std::string text(disk::format_info(format).name);
    if (disk::format_info(format).source == disk::FormatSource::disk) {
        text += " " + options.compression + " " + options.qemu_img_options;
    }
    if (format == ImageFormat::aci) {
        text += " " + util::sha256(options.aci_manifest);
    }
    const bool has_name =
        format == ImageFormat::vmdk || format == ImageFormat::oci || format == ImageFormat::docker;
    return has_name ? text + " " + options.output.filename().string() + " " + options.container_name
                    : text;
}

} // namespace

ImageCache::ImageCache(const BuildContext& context,
                       const std::optional<ImageInputs>& inputs,
                       report::Reporter& reporter)
    : context_(context), reporter_(reporter) {
    if (inputs && context.options.use_cache) {
        store_.emplace((context.options.cache_directory / "images").string());
        key_ = image_key(context, *inputs);
        known_ = store_->find(key_);
        if (!is_complete() && !context.options.plan_only) {
            wait_for_others();
        }
    }
}

bool ImageCache::is_complete() const {
    const std::vector<ImageFormat> formats = disk::parse_formats(context_.options.formats);
    return std::all_of(formats.begin(), formats.end(), [this](ImageFormat format) {
        return stored(format) != nullptr;
    });
}

/// Another build may be making the same image.
void ImageCache::wait_for_others() {
    bool told = false;
    lock_ = store_->lock_key(key_, [&] {
        if (!std::exchange(told, true)) {
            reporter_.info("another build makes this image now; waiting for it");
        }
    });
    known_ = store_->find(key_);
}

ImageCache::Answer
ImageCache::take(ImageFormat format, const fs::path& target, const std::string& temporary) {
    const cache::StoredFile* file = stored(format);
    if (file == nullptr) {
        return Answer::none;
    }
    if (store_->is_output(target, file->digest)) {
        return Answer::in_place;
    }
    return store_->copy_object(file->digest, temporary) ? Answer::copied : Answer::none;
}

const cache::StoredFile* ImageCache::stored(ImageFormat format) const {
    if (!known_) {
        return nullptr;
    }
    const auto file = known_->files.find(file_key(context_, format));
    return file == known_->files.end() ? nullptr : &file->second;
}

std::string ImageCache::describe(ImageFormat format, const fs::path& target) const {
    const std::string name = target.filename();
    const cache::StoredFile* file = stored(format);
    if (file == nullptr) {
        return "miss  " + name + ": not in the cache";
    }
    return "hit   " + name + (store_->is_output(target, file->digest) ? ": in place already" : "");
}

std::string ImageCache::digest_of(ImageFormat format) const {
    const cache::StoredFile* file = stored(format);
    return file == nullptr ? "" : file->digest;
}

ImageFacts ImageCache::facts() const {
    if (!known_) {
        return {.key = key_, .built = std::time(nullptr)};
    }
    return {.key = key_,
            .built = known_->created,
            .disk_size = known_->disk_size,
            .os_distro = known_->os_distro,
            .os_version = known_->os_version};
}

void ImageCache::keep(ImageFormat format, const fs::path& target, const std::string& sha256) {
    if (!store_) {
        return;
    }
    try {
        store_->note_output(target, sha256);
        store_->add_object(target, sha256);
        made_.files[file_key(context_, format)] = {.digest = sha256, .size = fs::file_size(target)};
    } catch (const std::exception& error) {
        reporter_.warn("the image is not kept in the cache: " + std::string(error.what()));
    }
}

void ImageCache::finish(const ImageFacts& facts, const LayerCache& layers) {
    if (!store_ || made_.files.empty()) {
        return;
    }
    made_.key = key_;
    made_.created = facts.built;
    made_.disk_size = facts.disk_size;
    made_.os_distro = facts.os_distro;
    made_.os_version = facts.os_version;
    made_.layer_store = store_folder(context_.options.cache_directory);
    for (const LayerReport& layer : layers.reports()) {
        made_.layers.push_back(
            {.title = layer.title, .element = layer.element, .layer = layer.layer});
    }
    try {
        store_->put(made_);
    } catch (const util::Error& error) {
        reporter_.warn("the image is not kept in the cache: " + std::string(error.what()));
    }
}

} // namespace kiln::build
