#include "base/list_cache.hpp"

#include "util/atomic_file.hpp"
#include "util/digest.hpp"
#include "util/error.hpp"
#include "util/fd.hpp"

#include <nlohmann/json.hpp>

#include <system_error>

namespace kiln::base {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* k_digits = "0123456789abcdef";

/// A signature may be binary, which JSON cannot hold.
std::string to_hex(const std::string& bytes) {
    std::string text;
    for (const char byte : bytes) {
        const auto value = static_cast<unsigned char>(byte);
        text += k_digits[value >> 4U];
        text += k_digits[value & 15U];
    }
    return text;
}

std::string from_hex(const std::string& text) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
        bytes += static_cast<char>(std::stoi(text.substr(i, 2), nullptr, 16));
    }
    return bytes;
}

} // namespace

std::string ListCache::file(const std::string& list_url, const std::string& signature_url) const {
    return (folder_ / (util::sha256(list_url + "\n" + signature_url) + ".json")).string();
}

std::optional<FetchedList> ListCache::find(const std::string& list_url,
                                           const std::string& signature_url) const {
    const std::string path = file(list_url, signature_url);
    std::error_code ignored;
    if (!fs::is_regular_file(path, ignored)) {
        return std::nullopt;
    }
    try {
        const json data = json::parse(util::read_file(path));
        return FetchedList{
            .validators = {.etag = from_hex(data.at("etag").get<std::string>()),
                           .last_modified = from_hex(data.at("last_modified").get<std::string>())},
            .text = from_hex(data.at("text").get<std::string>()),
            .signature = from_hex(data.at("signature").get<std::string>())};
    } catch (const json::exception&) {
        return std::nullopt;
    } catch (const std::logic_error&) { // of stoi
        return std::nullopt;
    }
}

void ListCache::put(const std::string& list_url,
                    const std::string& signature_url,
                    const FetchedList& list) const {
    std::error_code error;
    fs::create_directories(folder_, error);
    if (error) {
        throw util::Error({.what = "cannot make '" + folder_.string() + "': " + error.message(),
                           .hint = "choose another cache: DIB_IMAGE_CACHE=FOLDER"});
    }
    const json data = {{"etag", to_hex(list.validators.etag)},
                       {"last_modified", to_hex(list.validators.last_modified)},
                       {"text", to_hex(list.text)},
                       {"signature", to_hex(list.signature)}};
    util::write_file_atomically(file(list_url, signature_url), data.dump() + "\n");
}

} // namespace kiln::base
