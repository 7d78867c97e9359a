#include "element/source_repository.hpp"

#include "element/install_type.hpp"
#include "element/shell_words.hpp"
#include "util/digest.hpp"
#include "util/edit_distance.hpp"
#include "util/error.hpp"
#include "util/secret_names.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string_view>

namespace kiln::element {
namespace {

using Words = std::vector<std::string>;

constexpr const char* k_usage = "a line is: NAME git|tar|file|package DESTINATION LOCATION [REF]";

struct TypeName {
    SourceType type;
    const char* name;
};

constexpr std::array<TypeName, 4> k_types = {{{SourceType::git, "git"},
                                              {SourceType::tar, "tar"},
                                              {SourceType::file, "file"},
                                              {SourceType::package, "package"}}};

[[noreturn]] void fail(const std::string& place, const std::string& what, std::string hint = {}) {
    // A word in a wrong place may be a location with a password.
    throw util::Error({.what = place + ": " + util::hide_credentials(what),
                       .hint = std::move(hint),
                       .code = util::ExitCode::usage});
}

SourceType parse_type(const std::string& word, const std::string& place) {
    Words names;
    for (const TypeName& known : k_types) {
        if (word == known.name) {
            return known.type;
        }
        names.emplace_back(known.name);
    }
    fail(place,
         "'" + word + "' is no type of a source",
         util::did_you_mean(word, names, "known are: " + util::join(names, ", ")));
}

bool has_control_letter(const std::string& word) {
    return std::any_of(word.begin(), word.end(), [](unsigned char letter) {
        return letter < 0x20 || letter == 0x7f;
    });
}

bool leaves_upwards(const std::string& path) {
    const Words parts = util::split(path, '/');
    return std::find(parts.begin(), parts.end(), "..") != parts.end();
}

/// Without double slashes and dots; empty for the root.
std::string plain_path(const std::string& path) {
    std::string result;
    for (const std::string& part : util::split(path, '/')) {
        if (!part.empty() && part != ".") {
            result += "/" + part;
        }
    }
    return result;
}

/// A word that programs get as an argument.
void check_argument(const std::string& word, const std::string& place) {
    if (word.front() == '-') {
        fail(place, "'" + util::hide_credentials(word) + "' begins like an option");
    }
}

void check_destination(const std::string& path, const std::string& place) {
    if (path.front() != '/' || leaves_upwards(path) || plain_path(path).empty()) {
        fail(place,
             "'" + path + "' is no destination",
             "write an absolute path in the image, such as /opt/stack/nova");
    }
}

void check_ref(const SourceRepository& repository, const std::string& place) {
    const std::string& ref = repository.ref;
    if (ref.empty()) {
        return;
    }
    check_argument(ref, place);
    if (ref.find_first_of(" \t") != std::string::npos) {
        fail(place, "'" + ref + "' is no ref: it has a blank");
    }
    if (repository.type == SourceType::tar && (ref.front() == '/' || leaves_upwards(ref))) {
        fail(place,
             "'" + ref + "' is no folder of an archive",
             "'.' takes all of it, '*' what is in its top folders, a path what is in that folder");
    }
}

void check_word(const std::string& word, const std::string& place) {
    if (word.empty() || has_control_letter(word)) {
        fail(place, "a word of it is empty or has an unprintable character", k_usage);
    }
}

void check_words(const Words& words, const std::string& place) {
    if (words.size() < 2) {
        fail(place, "this is no source: a type is missing", k_usage);
    }
    for (const std::string& word : words) {
        check_word(word, place);
    }
    if (words[0].find('/') != std::string::npos) {
        fail(place, "'" + words[0] + "' is no name", k_usage);
    }
}

SourceRepository parse_words(const Words& words, const std::string& place) {
    check_words(words, place);
    SourceRepository repository{
        .name = words[0], .type = parse_type(words[1], place), .position = place};
    if (repository.type == SourceType::package && words.size() == 2) {
        return repository;
    }
    if (words.size() < 4) {
        fail(place,
             words.size() < 3 ? "a destination and a location are missing"
                              : "a location is missing",
             k_usage);
    }
    if (words.size() > 5) {
        fail(place, "there is a word too many: '" + words[5] + "'", k_usage);
    }
    repository.destination = words[2];
    repository.location = words[3];
    repository.ref = words.size() > 4 ? words[4] : "";
    check_destination(repository.destination, place);
    check_argument(repository.location, place);
    check_ref(repository, place);
    return repository;
}

/// The value of a variable when it is set to something.
std::optional<std::string> value_of(const process::Environment& environment,
                                    const std::string& variable) {
    const auto found = environment.find(variable);
    if (found == environment.end() || found->second.empty()) {
        return std::nullopt;
    }
    return found->second;
}

/// "SCHEME://HOST/[~USER]REST" becomes base + "/REST" without its first slash.
std::string with_base(const std::string& location, const std::string& base) {
    const std::size_t colon = location.find("://");
    if (colon == std::string::npos) {
        return location;
    }
    const std::size_t slash = location.find('/', colon + 3);
    if (slash == std::string::npos) {
        return location;
    }
    std::string rest = location.substr(slash + 1);
    if (!rest.empty() && rest.front() == '~') {
        rest = rest.substr(std::min(rest.find('/'), rest.size()));
    }
    return base + rest;
}

bool want_the_same(const SourceRepository& left, const SourceRepository& right) {
    return left.type == right.type && left.location == right.location && left.ref == right.ref;
}

[[noreturn]] void fail_clash(const SourceRepository& first, const SourceRepository& second) {
    const auto described = [](const SourceRepository& repository) {
        return util::hide_credentials(repository.location) +
               (repository.ref.empty() ? "" : " " + repository.ref);
    };
    throw util::Error(
        {.what = second.position + ": '" + second.destination + "' is to hold " +
                 described(second) + ", but " + first.position + " puts " + described(first) +
                 " there",
         .hint = "give them different destinations, or use only one of the two elements",
         .code = util::ExitCode::hook});
}

} // namespace

std::string type_name(SourceType type) {
    return std::find_if(k_types.begin(),
                        k_types.end(),
                        [&](const TypeName& known) { return known.type == type; })
        ->name;
}

std::vector<SourceRepository> parse_source_repositories(const std::string& content,
                                                        const std::string& file,
                                                        const process::Environment& environment) {
    std::vector<SourceRepository> repositories;
    std::size_t number = 0;
    for (const std::string& line : util::split(content, '\n')) {
        const std::string place = file + ":" + std::to_string(++number);
        const std::string_view text = util::trim(line);
        if (text.empty() || text.front() == '#') {
            continue;
        }
        const Words words = shell_words(text, environment, place);
        if (!words.empty() && words[0].substr(0, 1) != "#") {
            repositories.push_back(parse_words(words, place));
        }
    }
    return repositories;
}

SourceRepository with_overrides(SourceRepository repository,
                                const process::Environment& environment) {
    const std::string part = variable_part(repository.name);
    if (const auto type = value_of(environment, "DIB_REPOTYPE_" + part)) {
        repository.type = parse_type(*type, "DIB_REPOTYPE_" + part);
    }
    if (const auto ref = value_of(environment, "DIB_REPOREF_" + part)) {
        repository.ref = *ref;
        check_ref(repository, "DIB_REPOREF_" + part);
    }
    const auto location = value_of(environment, "DIB_REPOLOCATION_" + part);
    const auto base = value_of(environment, "DIB_GITREPOBASE");
    if (location) {
        repository.location = *location;
        check_word(*location, "DIB_REPOLOCATION_" + part);
        check_argument(*location, "DIB_REPOLOCATION_" + part);
    } else if (base && repository.type == SourceType::git) {
        repository.location = with_base(repository.location, *base);
    }
    return repository;
}

std::vector<SourceRepository> wanted_repositories(const std::vector<SourceRepository>& repositories,
                                                  const process::Environment& environment) {
    std::vector<SourceRepository> wanted;
    std::map<std::string, SourceRepository> by_destination;
    for (const SourceRepository& original : repositories) {
        SourceRepository repository = with_overrides(original, environment);
        if (repository.type == SourceType::package ||
            install_type_of(repository.name, environment) != "source") {
            continue;
        }
        if (repository.destination.empty()) {
            fail(repository.position, "a destination and a location are missing", k_usage);
        }
        const auto [found, is_new] =
            by_destination.emplace(plain_path(repository.destination), repository);
        if (is_new) {
            wanted.push_back(std::move(repository));
        } else if (!want_the_same(found->second, repository)) {
            fail_clash(found->second, repository);
        }
    }
    return wanted;
}

std::string cache_name(const SourceRepository& repository) {
    constexpr std::size_t k_length = 40;
    const std::string type = type_name(repository.type);
    const std::string digest = util::sha256(type + " " + repository.location);
    return variable_part(repository.name) + "_" + digest.substr(0, k_length) + "." + type;
}

} // namespace kiln::element
