#include "catalog/download.hpp"

#include "store/file_digest.hpp"
#include "store/store_error.hpp"
#include "util/atomic_file.hpp"
#include "util/entry_lock.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

#include <nlohmann/json.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <filesystem>
#include <optional>

namespace kiln::catalog {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using nlohmann::json;

constexpr std::chrono::milliseconds k_between_reports{100};

/// The service's words become part of a path.
bool is_word(const std::string& text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char letter) {
        return std::isalnum(letter) != 0 || letter == '-' || letter == '_';
    });
}

std::string path_of(const store::Image& image, const std::string& folder) {
    if (!is_word(image.id) || !is_word(image.disk_format)) {
        throw store::StoreError(store::Problem::invalid,
                                {.what = "id '" + image.id + "' and format '" + image.disk_format +
                                         "' make no name of a file",
                                 .code = util::ExitCode::remote});
    }
    return (fs::path(folder) / (image.id + "." + image.disk_format)).lexically_normal().string();
}

std::int64_t nanoseconds(const timespec& time) {
    return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

/// What a file is, if it is one of the image's size.
std::optional<struct stat> fitting(const std::string& path, const store::Image& image) {
    struct stat info = {};
    const bool is_file = ::lstat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode);
    return is_file && image.size && static_cast<std::uint64_t>(info.st_size) == *image.size
               ? std::optional(info)
               : std::nullopt;
}

json note_of(const store::Image& image, const struct stat& info) {
    return {{"id", image.id},
            {"name", image.name},
            {"hash_algorithm", image.hash_algorithm},
            {"hash_value", image.hash_value},
            {"checksum", image.checksum},
            {"size", info.st_size},
            {"modified", nanoseconds(info.st_mtim)},
            {"changed", nanoseconds(info.st_ctim)}};
}

class Fetch {
public:
    Fetch(store::ImageStore& store,
          const store::Image& image,
          const std::string& folder,
          report::Reporter& reporter)
        : store_(store), image_(image), reporter_(reporter), path_(path_of(image, folder)) {}

    Download run() {
        const util::EntryLock lock = take_lock();
        const bool is_here = is_noted() || has_digest();
        if (!is_here) {
            fetch();
        }
        ::unlink(lock_path().c_str());
        return {.path = path_,
                .result = is_here ? Download::Result::unchanged : Download::Result::downloaded};
    }

private:
    [[nodiscard]] std::string lock_path() const { return path_ + ".lock"; }

    [[nodiscard]] std::string note_path() const { return path_ + ".download.json"; }

    [[nodiscard]] util::EntryLock take_lock() const {
        constexpr auto k_alone = util::EntryLock::Mode::exclusive;
        if (auto lock = util::EntryLock::try_take(lock_path(), k_alone)) {
            return std::move(*lock);
        }
        report::Step step(reporter_, "wait for another download of '" + image_.name + "'");
        util::EntryLock lock =
            util::EntryLock::take(lock_path(), k_alone, [&] { step.progress(0, 0); });
        step.done();
        return lock;
    }

    /// What it is called in the store may have changed.
    [[nodiscard]] bool is_noted() const {
        const auto info = fitting(path_, image_);
        if (!info || !fs::is_regular_file(note_path())) {
            return false;
        }
        json noted = json::parse(util::read_file(note_path()), nullptr, false);
        json wanted = note_of(image_, *info);
        if (!noted.is_object()) {
            return false;
        }
        noted.erase("name");
        wanted.erase("name");
        return noted == wanted;
    }

    [[nodiscard]] bool has_digest() const {
        const auto info = fitting(path_, image_);
        if (!info || image_.hash_value.empty() ||
            store::file_digest(path_, image_.hash_algorithm) != image_.hash_value) {
            return false;
        }
        write_note(*info);
        return true;
    }

    void fetch() const {
        report::Step step(reporter_, "download '" + image_.name + "' (" + image_.id + ")");
        Clock::time_point told{};
        store_.download(image_.id, path_, [&](std::uint64_t done, std::uint64_t total) {
            if (Clock::now() - told >= k_between_reports) {
                told = Clock::now();
                step.progress(done, total);
            }
        });
        if (const auto info = fitting(path_, image_)) {
            write_note(*info);
        }
        step.done(util::human_bytes(image_.size.value_or(0)));
    }

    void write_note(const struct stat& info) const {
        const std::string text =
            note_of(image_, info).dump(2, ' ', false, json::error_handler_t::replace);
        util::write_file_atomically(note_path(), text + "\n");
    }

    store::ImageStore& store_;
    const store::Image& image_;
    report::Reporter& reporter_;
    std::string path_;
};

} // namespace

Download download(store::ImageStore& store,
                  const store::Image& image,
                  const std::string& folder,
                  report::Reporter& reporter) {
    std::error_code failed;
    fs::create_directories(folder, failed);
    if (failed) {
        throw util::Error({.what = "cannot make folder '" + folder + "': " + failed.message(),
                           .hint = "give another with -d"});
    }
    return Fetch(store, image, folder, reporter).run();
}

} // namespace kiln::catalog
