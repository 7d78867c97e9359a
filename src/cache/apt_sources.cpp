#include "cache/apt_sources.hpp"

#include "util/text.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>

namespace kiln::cache {
namespace {

/// More sources than this in one file are no list that somebody wrote.
constexpr std::size_t k_most_sources = 1000;

std::string lower(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(), [](unsigned char c) {
        return static_cast<char>(std::tolower(c));
    });
    return result;
}

bool is_flat(const AptSource& source) {
    return !source.suite.empty() && source.suite.back() == '/';
}

bool is_whole(const AptSource& source) {
    return source.uri.find(':') != std::string::npos && !source.suite.empty() &&
           (is_flat(source) || !source.components.empty());
}

/// Values that stand between commas or blanks.
std::vector<std::string> values_of(std::string_view text) {
    return util::split_words(util::replace_all(std::string(text), ",", " "));
}

void set_option(AptSource& source, const std::string& name, std::string_view value) {
    const std::vector<std::string> values = values_of(value);
    if (name == "arch" || name == "architectures") {
        source.architectures = values;
    } else if (name == "arch+" || name == "architectures-add") {
        source.added_architectures = values;
    } else if (name == "arch-" || name == "architectures-remove") {
        source.removed_architectures = values;
    } else if (name == "signed-by") {
        const std::size_t key = value.find("-----BEGIN PGP");
        if (key == std::string_view::npos) {
            source.signed_by = values;
        } else {
            source.embedded_key = value.substr(key);
        }
    } else if (name == "trusted") {
        source.trusted = apt_bool(value).value_or(false);
    } else if (name == "check-valid-until" || name == "check-date") {
        source.check_valid_until = source.check_valid_until && apt_bool(value).value_or(true);
    }
}

/// Takes "[a=b c=d]" off the beginning of text; blanks may stand beside the brackets.
std::vector<std::string> take_options(std::string_view& text) {
    if (text.empty() || text.front() != '[') {
        return {};
    }
    const std::size_t end = text.find(']');
    const std::string_view inside = text.substr(1, end == std::string_view::npos ? 0 : end - 1);
    text = end == std::string_view::npos ? std::string_view{} : util::trim(text.substr(end + 1));
    return util::split_words(inside);
}

/// The first word; blanks between brackets belong to it ("cdrom:[Debian 12]/").
std::string take_uri(std::string_view& text) {
    std::size_t end = text.find_first_of(" \t");
    const std::size_t bracket = text.find('[');
    if (bracket < end) {
        end = text.find_first_of(" \t", std::min(text.find(']', bracket), text.size()));
    }
    const std::string uri(text.substr(0, end));
    text.remove_prefix(uri.size());
    return uri;
}

std::optional<AptSource> parse_line(std::string_view line) {
    line = util::trim(line.substr(0, line.find('#')));
    const std::size_t end = line.find_first_of(" \t[");
    if (line.substr(0, end) != "deb" || end == std::string_view::npos) {
        return std::nullopt;
    }
    line = util::trim(line.substr(end));
    AptSource source;
    for (const std::string& option : take_options(line)) {
        const std::size_t sign = option.find('=');
        if (sign != std::string::npos) {
            set_option(
                source, lower(option.substr(0, sign)), std::string_view(option).substr(sign + 1));
        }
    }
    source.uri = take_uri(line);
    const std::vector<std::string> words = util::split_words(line);
    if (words.empty()) {
        return std::nullopt;
    }
    source.suite = words.front();
    source.components.assign(words.begin() + 1, words.end());
    return is_whole(source) ? std::optional(source) : std::nullopt;
}

void add_paragraph(const Deb822Paragraph& paragraph, std::vector<AptSource>& sources) {
    const std::vector<std::string> types = util::split_words(field(paragraph, "types"));
    if (std::find(types.begin(), types.end(), "deb") == types.end() ||
        !apt_bool(field(paragraph, "enabled")).value_or(true)) {
        return;
    }
    AptSource source;
    source.components = util::split_words(field(paragraph, "components"));
    for (const auto& [name, value] : paragraph) {
        set_option(source, name, value);
    }
    for (const std::string& uri : util::split_words(field(paragraph, "uris"))) {
        for (const std::string& suite : util::split_words(field(paragraph, "suites"))) {
            source.uri = uri;
            source.suite = suite;
            if (is_whole(source) && sources.size() < k_most_sources) {
                sources.push_back(source);
            }
        }
    }
}

/// Adds a line to the paragraph; name is the field that a continuation belongs to.
void add_field_line(std::string_view line, Deb822Paragraph& paragraph, std::string& name) {
    if (line.front() == ' ' || line.front() == '\t') {
        const std::string_view text = util::trim(line);
        if (!name.empty()) {
            paragraph[name].append("\n").append(text == "." ? "" : text);
        }
        return;
    }
    const std::size_t colon = line.find(':');
    name = colon == std::string_view::npos ? "" : lower(util::trim(line.substr(0, colon)));
    if (!name.empty()) {
        paragraph[name] = util::trim(line.substr(colon + 1));
    }
}

/// The URL without "scheme:", "//", user and password: host, port and path.
std::string_view place_of(std::string_view url) {
    url.remove_prefix(std::min(url.size(), url.find(':') + 1));
    if (url.substr(0, 2) != "//") {
        return url;
    }
    url.remove_prefix(2);
    const std::size_t at = url.substr(0, url.find('/')).rfind('@');
    return at == std::string_view::npos ? url : url.substr(at + 1);
}

} // namespace

std::vector<AptSource> parse_one_line_sources(std::string_view text) {
    std::vector<AptSource> sources;
    for (const std::string& line : util::split(text, '\n')) {
        if (const auto source = parse_line(line); source && sources.size() < k_most_sources) {
            sources.push_back(*source);
        }
    }
    return sources;
}

std::vector<AptSource> parse_deb822_sources(std::string_view text) {
    std::vector<AptSource> sources;
    for (const Deb822Paragraph& paragraph : parse_deb822(text)) {
        add_paragraph(paragraph, sources);
    }
    return sources;
}

std::vector<Deb822Paragraph> parse_deb822(std::string_view text) {
    std::vector<Deb822Paragraph> paragraphs;
    Deb822Paragraph paragraph;
    std::string name;
    for (const std::string& line : util::split(text, '\n')) {
        if (util::trim(line).empty()) {
            if (!paragraph.empty()) {
                paragraphs.push_back(std::move(paragraph));
            }
            paragraph.clear();
            name.clear();
        } else if (line.front() != '#') {
            add_field_line(line, paragraph, name);
        }
    }
    if (!paragraph.empty()) {
        paragraphs.push_back(std::move(paragraph));
    }
    return paragraphs;
}

std::string field(const Deb822Paragraph& paragraph, const std::string& name) {
    const auto found = paragraph.find(name);
    return found == paragraph.end() ? "" : found->second;
}

std::optional<bool> apt_bool(std::string_view word) {
    constexpr std::array<std::string_view, 6> k_yes = {"yes", "true", "with", "on", "enable", "1"};
    constexpr std::array<std::string_view, 6> k_no = {
        "no", "false", "without", "off", "disable", "0"};
    const std::string text = lower(util::trim(word));
    if (std::find(k_yes.begin(), k_yes.end(), text) != k_yes.end()) {
        return true;
    }
    if (std::find(k_no.begin(), k_no.end(), text) != k_no.end()) {
        return false;
    }
    return std::nullopt;
}

bool ignores_valid_until(std::string_view apt_conf) {
    for (const std::string& line : util::split(apt_conf, '\n')) {
        const std::string text = lower(line.substr(0, line.find("//")));
        const std::size_t name = text.find("check-valid-until");
        const std::size_t quote = text.find('"', name);
        if (name == std::string::npos || quote == std::string::npos || text.front() == '#') {
            continue;
        }
        const std::string value = text.substr(quote + 1, text.find('"', quote + 1) - quote - 1);
        if (apt_bool(value) == false) {
            return true;
        }
    }
    return false;
}

std::string release_folder(const AptSource& source, const std::string& architecture) {
    std::string folder = source.uri;
    const std::size_t place = folder.size() - place_of(folder).size();
    const std::size_t begin = folder.find(':') + 1;
    const bool has_host = folder.compare(begin, 2, "//") == 0;
    folder = folder.substr(0, begin) + (has_host ? "//" : "") + folder.substr(place);
    if (folder.back() != '/') {
        folder += '/';
    }
    if (!is_flat(source)) {
        folder += "dists/" + source.suite + "/";
    } else if (source.suite != "/") {
        folder += source.suite;
    }
    return util::replace_all(folder, "$(ARCH)", architecture);
}

std::string apt_list_name(std::string_view url) {
    constexpr std::string_view k_quoted = "\\|{}[]<>\"^~_=!@#$%&*";
    std::string name;
    for (const char c : place_of(url)) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte <= ' ' || byte >= 0x7f || k_quoted.find(c) != std::string_view::npos) {
            std::array<char, 4> text{};
            std::snprintf(text.data(), text.size(), "%%%02x", byte);
            name += text.data();
        } else {
            name += c == '/' ? '_' : c;
        }
    }
    return name;
}

} // namespace kiln::cache
