#include "cache/rpm_metadata.hpp"

#include "cache/package_state.hpp"
#include "cache/xml_reader.hpp"
#include "net/url.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <charconv>

namespace kiln::cache {
namespace {

constexpr std::string_view k_repomd = "repodata/repomd.xml";

std::string attribute(const XmlElement& element, const std::string& name) {
    const auto found = element.attributes.find(name);
    return found == element.attributes.end() ? "" : found->second;
}

std::optional<std::int64_t> seconds_of(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && value >= 0 ? std::optional(value) : std::nullopt;
}

std::string digest_of(const XmlElement& element) {
    const std::string kind = attribute(element, "type");
    const std::string digest(util::trim(element.text));
    return kind == "sha256" ? digest : kind + "-" + digest;
}

/// Puts together what the elements of one <data type="primary"> say.
class PrimaryReader {
public:
    void start(const std::string& path, const XmlElement& element) {
        if (path == "repomd/data") {
            in_primary_ = attribute(element, "type") == "primary";
        }
    }

    void end(const std::string& path, const XmlElement& element) {
        if (path == "repomd/data/timestamp") {
            const auto time = seconds_of(util::trim(element.text));
            date_ = std::max(date_, time);
        } else if (in_primary_ && path == "repomd/data/open-checksum") {
            unpacked_ = digest_of(element);
        } else if (in_primary_ && path == "repomd/data/checksum") {
            packed_ = digest_of(element);
        }
        is_repomd_ = is_repomd_ || path == "repomd";
    }

    [[nodiscard]] bool is_repomd() const { return is_repomd_; }

    [[nodiscard]] RpmMetadata result() const {
        const bool use_unpacked = !unpacked_.empty() && unpacked_.find('-') == std::string::npos;
        const std::string primary = use_unpacked || packed_.empty() ? unpacked_ : packed_;
        return {.primary = primary.empty() ? k_absent_index : primary, .date = date_};
    }

private:
    bool in_primary_ = false;
    bool is_repomd_ = false;
    std::string unpacked_{};
    std::string packed_{};
    std::optional<std::int64_t> date_{};
};

void add_folder(std::string_view url, RpmMirrors& mirrors) {
    const std::string scheme = net::scheme_of(url);
    if (scheme == "http" || scheme == "https") {
        if (url.size() > k_repomd.size() && url.substr(url.size() - k_repomd.size()) == k_repomd) {
            url.remove_suffix(k_repomd.size());
        }
        mirrors.folders.emplace_back(url);
    }
}

RpmMirrors parse_metalink(const std::string& text, const std::string& name) {
    RpmMirrors mirrors;
    read_xml(text, name, {}, [&mirrors](const std::string& path, const XmlElement& element) {
        const bool is_hash = path == "metalink/files/file/verification/hash" ||
                             path == "metalink/files/file/alternates/alternate/verification/hash";
        if (is_hash && attribute(element, "type") == "sha256") {
            mirrors.digests.emplace_back(util::trim(element.text));
        } else if (path == "metalink/files/file/resources/url") {
            add_folder(util::trim(element.text), mirrors);
        }
    });
    return mirrors;
}

} // namespace

RpmMetadata parse_repomd(const std::string& text, const std::string& name) {
    PrimaryReader reader;
    read_xml(
        text,
        name,
        [&reader](const std::string& path, const XmlElement& element) {
            reader.start(path, element);
        },
        [&reader](const std::string& path, const XmlElement& element) {
            reader.end(path, element);
        });
    if (!reader.is_repomd()) {
        throw util::Error({.what = "'" + name + "' is no list of an rpm repository",
                           .hint = "is the address right?",
                           .code = util::ExitCode::remote});
    }
    return reader.result();
}

RpmMirrors parse_mirrors(const std::string& text, const std::string& name) {
    RpmMirrors mirrors;
    const std::string_view content = util::trim(text);
    if (!content.empty() && content.front() == '<') {
        mirrors = parse_metalink(text, name);
    } else {
        for (const std::string& line : util::split(text, '\n')) {
            add_folder(util::trim(line), mirrors);
        }
    }
    if (mirrors.folders.empty()) {
        throw util::Error({.what = "'" + name + "' names no mirror that can be asked",
                           .hint = "is the address right?",
                           .code = util::ExitCode::remote});
    }
    return mirrors;
}

} // namespace kiln::cache
