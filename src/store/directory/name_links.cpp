#include "store/directory/name_links.hpp"

#include "util/digest.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>
#include <string_view>

namespace kiln::store {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view k_files = "../files/";
/// With the digest and the format it stays below the 255 bytes that a name may have.
constexpr std::size_t k_longest_name = 200;

constexpr const char* k_linked = "status = 'active' AND hidden = 0 AND name <> ''";

bool is_control(char byte) {
    const auto value = static_cast<unsigned char>(byte);
    return value < 0x20 || value == 0x7f;
}

/// Not in the middle of a UTF-8 character.
std::string cut(std::string text) {
    if (text.size() <= k_longest_name) {
        return text;
    }
    std::size_t size = k_longest_name;
    while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xc0U) == 0x80) {
        --size;
    }
    text.resize(size);
    return text;
}

/// Nothing for what is no link into files/.
std::string target_of(const fs::path& link) {
    std::error_code failed;
    const std::string target = fs::read_symlink(link, failed).string();
    return failed || target.rfind(k_files, 0) != 0 ? "" : target;
}

bool is_free(const fs::path& path) {
    std::error_code ignored;
    return fs::symlink_status(path, ignored).type() == fs::file_type::not_found;
}

void point(const Folder& folder, const std::string& name, const std::string& target) {
    const fs::path link = fs::path(folder.names()) / name;
    const std::string now = target_of(link);
    std::error_code failed;
    if (now == target || (now.empty() && !is_free(link))) {
        return;
    }
    if (target.empty()) {
        fs::remove(link, failed);
        return;
    }
    // No link of an image begins with a dot, and only one process is here at a time.
    const fs::path draft = fs::path(folder.names()) / ".new";
    fs::remove(draft, failed);
    fs::create_symlink(target, draft, failed);
    if (!failed) {
        fs::rename(draft, link, failed);
    }
}

std::string target(const std::string& id, const std::string& disk_format) {
    return std::string(k_files) + Folder::data_name(id, disk_format);
}

} // namespace

std::string link_name(const std::string& name, const std::string& disk_format) {
    std::string component = name;
    std::replace(component.begin(), component.end(), '/', '_');
    std::replace_if(component.begin(), component.end(), is_control, '_');
    if (!component.empty() && component.front() == '.') {
        component.front() = '_';
    }
    component = cut(component);
    if (component != name) {
        component += "~" + util::sha256(name).substr(0, 8);
    }
    return component + "." + disk_format;
}

void refresh_link(Database& index,
                  const Folder& folder,
                  const std::string& name,
                  const std::string& disk_format) {
    if (name.empty()) {
        return;
    }
    Rows rows = index.query("SELECT id FROM images WHERE " + std::string(k_linked) +
                                " AND name = ? AND disk_format = ? "
                                "ORDER BY created_at DESC, sequence DESC LIMIT 1",
                            {name, disk_format});
    point(
        folder, link_name(name, disk_format), rows.next() ? target(rows.text(0), disk_format) : "");
}

void repair_links(Database& index, const Folder& folder) {
    std::map<std::string, std::string> wanted;
    Rows rows = index.query("SELECT id, name, disk_format FROM images WHERE " +
                            std::string(k_linked) + " ORDER BY created_at DESC, sequence DESC");
    while (rows.next()) {
        wanted.emplace(link_name(rows.text(1), rows.text(2)), target(rows.text(0), rows.text(2)));
    }
    std::error_code ignored;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder.names(), ignored)) {
        wanted.emplace(entry.path().filename().string(), "");
    }
    for (const auto& [name, path] : wanted) {
        point(folder, name, path);
    }
}

} // namespace kiln::store
