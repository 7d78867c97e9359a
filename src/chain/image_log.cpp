#include "chain/image_log.hpp"

#include "util/error.hpp"
#include "util/output.hpp"
#include "util/text.hpp"
#include "util/utc_time.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <vector>

namespace kiln::chain {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t k_kept_logs = 20;
constexpr const char* k_latest = "latest.log";

/// "2026-11-28T23:15:00.123Z".
std::string time_text() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
    std::string text = util::iso_time(milliseconds / 1000);
    text.insert(text.size() - 1, "." + std::to_string(1000 + milliseconds % 1000).substr(1));
    return text;
}

/// The same for the name of a file, in the order of time.
std::string time_name() {
    return util::replace_all(util::replace_all(time_text(), "-", ""), ":", "");
}

void remove_old(const fs::path& folder) {
    std::vector<fs::path> logs;
    for (const auto& entry : fs::directory_iterator(folder)) {
        if (entry.path().extension() == ".log" && !entry.is_symlink()) {
            logs.push_back(entry.path());
        }
    }
    std::sort(logs.begin(), logs.end());
    for (std::size_t index = 0; index + k_kept_logs < logs.size(); ++index) {
        std::error_code ignored;
        fs::remove(logs[index], ignored);
    }
}

void point_to(const fs::path& folder, const std::string& name) {
    const fs::path draft = folder / ("." + std::string(k_latest) + ".new");
    std::error_code ignored;
    fs::remove(draft, ignored);
    fs::create_symlink(name, draft);
    fs::rename(draft, folder / k_latest);
}

} // namespace

ImageLog::ImageLog(const fs::path& folder) {
    try {
        fs::create_directories(folder);
        const std::string name = time_name() + ".log";
        path_ = (folder / name).string();
        fd_ = util::open_file(path_, O_WRONLY | O_CREAT | O_APPEND, 0644);
        point_to(folder, name);
        remove_old(folder);
    } catch (const fs::filesystem_error& error) {
        throw util::Error(
            {.what = "cannot write logs in '" + folder.string() + "': " + error.code().message(),
             .hint = "choose another folder: --output DIR"});
    }
}

void ImageLog::line(std::string_view text) {
    const std::string line = time_text() + " " + std::string(text) + "\n";
    util::write_all(fd_.get(), line, path_);
}

void ImageLog::event(const report::Event& event) {
    using report::EventKind;
    const std::string place =
        event.stage + (event.hook.empty() ? "" : " " + event.element + "/" + event.hook);
    switch (event.kind) {
    case EventKind::output:
        line("    " + event.text);
        break;
    case EventKind::info:
        line(event.text);
        break;
    case EventKind::warning:
        line("warning: " + event.text);
        break;
    case EventKind::begin:
    case EventKind::end:
    case EventKind::failed:
        line(report::kind_name(event.kind) + " " + place +
             (event.text.empty() ? "" : ": " + event.text) +
             (event.kind == EventKind::begin ? ""
                                             : " (" + util::human_duration(event.elapsed) + ")"));
        break;
    case EventKind::progress:
    case EventKind::pause:
    case EventKind::resume:
        break;
    }
}

} // namespace kiln::chain
