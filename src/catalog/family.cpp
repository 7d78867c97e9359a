#include "catalog/family.hpp"

#include "util/natural_order.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

namespace kiln::catalog {
namespace {

using store::Image;

bool is_marked(const Image& image, const char* property) {
    return !image.property(property).empty();
}

bool has_name(const Family& family, const Image& image) {
    return image.is_complete() && image.name == family.name;
}

/// Lower is better.
int class_of(const Family& family, const Image& image) {
    const bool taken_back = is_marked(image, key::k_rolled_back);
    if (has_name(family, image)) {
        if (!image.hidden) {
            return taken_back ? 3 : 0;
        }
        return taken_back ? 4 : 1;
    }
    const bool was_current = image.is_complete() && is_marked(image, key::k_promoted);
    return was_current && !taken_back ? 2 : 5;
}

bool comes_before(const Image& left, const Image& right) {
    const std::string left_promoted = left.property(key::k_promoted);
    const std::string right_promoted = right.property(key::k_promoted);
    if (left_promoted != right_promoted) {
        return left_promoted > right_promoted;
    }
    const int version =
        util::natural_compare(left.property(key::k_version), right.property(key::k_version));
    if (version != 0) {
        return version > 0;
    }
    return left.created_at != right.created_at ? left.created_at > right.created_at
                                               : left.id > right.id;
}

/// YYYYMMDD of what begins "YYYY-MM-DD"; empty for anything else.
std::string digits_of_date(const std::string& text) {
    constexpr std::size_t k_length = 10;
    std::string digits;
    for (const char character : text.substr(0, k_length)) {
        if (character >= '0' && character <= '9') {
            digits.push_back(character);
        }
    }
    return digits.size() == 8 ? digits : "";
}

std::string date_of(const Image& image) {
    const std::string built = digits_of_date(image.property(key::k_build_date));
    return built.empty() ? digits_of_date(image.created_at) : built;
}

} // namespace

bool is_kept_by_kiln(const std::string& property) {
    constexpr std::array<std::string_view, 8> k_kept = {key::k_family,
                                                        key::k_version,
                                                        key::k_promoted,
                                                        key::k_rolled_back,
                                                        key::k_visibility,
                                                        key::k_digest,
                                                        key::k_uploader,
                                                        key::k_stored_digest};
    return std::find(k_kept.begin(), k_kept.end(), property) != k_kept.end();
}

std::string standing_name(Standing standing) {
    switch (standing) {
    case Standing::current:
        return "current";
    case Standing::candidate:
        return "candidate";
    case Standing::older:
        return "older";
    case Standing::rolled_back:
        return "rolled back";
    case Standing::passed_over:
        return "passed over";
    case Standing::incomplete:
        return "incomplete";
    }
    return "";
}

const Image* Family::find(const std::string& id) const {
    const auto found = std::find_if(
        images.begin(), images.end(), [&](const Image& image) { return image.id == id; });
    return found == images.end() ? nullptr : &*found;
}

Family family_of(const std::string& name, const std::vector<Image>& images) {
    Family family = {.name = name, .images = {}};
    for (const Image& image : images) {
        const std::string said = image.property(key::k_family);
        if (said == name || (said.empty() && image.name == name)) {
            family.images.push_back(image);
        }
    }
    return family;
}

std::vector<Family> families_of(const std::vector<Image>& images) {
    std::map<std::string, std::vector<Image>> by_name;
    for (const Image& image : images) {
        const std::string said = image.property(key::k_family);
        by_name[said.empty() ? image.name : said].push_back(image);
    }
    std::vector<Family> families;
    for (auto& [name, members] : by_name) {
        families.push_back({.name = name, .images = std::move(members)});
    }
    return families;
}

const Image* current_of(const Family& family) {
    constexpr int k_never = 5;
    const Image* best = nullptr;
    int best_class = k_never;
    for (const Image& image : family.images) {
        const int own = class_of(family, image);
        if (own < best_class || (own == best_class && best != nullptr && is_newer(image, *best))) {
            best = &image;
            best_class = own;
        }
    }
    return best;
}

bool has_open_swap(const Family& family) {
    const Image* current = current_of(family);
    return std::any_of(family.images.begin(), family.images.end(), [&](const Image& image) {
        return has_name(family, image) && &image != current;
    });
}

bool has_open_rollback(const Family& family) {
    const Image* current = current_of(family);
    return std::any_of(family.images.begin(), family.images.end(), [&](const Image& image) {
        return has_name(family, image) && is_marked(image, key::k_rolled_back) && &image != current;
    });
}

Standing standing_of(const Family& family, const Image& image) {
    const Image* current = current_of(family);
    if (!image.is_complete()) {
        return Standing::incomplete;
    }
    if (current != nullptr && current->id == image.id) {
        return Standing::current;
    }
    if (is_marked(image, key::k_rolled_back)) {
        return Standing::rolled_back;
    }
    const bool made_here = is_marked(image, key::k_digest);
    if (is_marked(image, key::k_promoted) || !made_here || image.name == family.name) {
        return Standing::older;
    }
    const bool overtaken = current != nullptr && image.created_at < current->created_at;
    return overtaken ? Standing::passed_over : Standing::candidate;
}

bool is_newer(const Image& left, const Image& right) {
    return comes_before(left, right);
}

std::vector<const Image*> others_by_age(const Family& family, const std::string& current) {
    std::vector<const Image*> others;
    for (const Image& image : family.images) {
        if (image.is_complete() && image.id != current) {
            others.push_back(&image);
        }
    }
    std::sort(others.begin(), others.end(), [](const Image* left, const Image* right) {
        return is_newer(*left, *right);
    });
    return others;
}

std::string dated_name(const Family& family, const Image& image, const std::string& pattern) {
    const std::string version = image.property(key::k_version);
    const auto is_taken = [&](const std::string& name) {
        return std::any_of(family.images.begin(), family.images.end(), [&](const Image& other) {
            return other.id != image.id && other.name == name;
        });
    };
    std::string name = util::replace_all(pattern, "{date}", date_of(image));
    name = util::replace_all(std::move(name), "{version}", version);
    name = util::replace_all(std::move(name), "{id}", image.id);
    name = util::replace_all(std::move(name), "{name}", family.name);
    if (is_taken(name) && !version.empty() && name.find(version) == std::string::npos) {
        name += " (" + version + ")";
    }
    std::string numbered = name;
    for (int number = 2; is_taken(numbered) || numbered == family.name; ++number) {
        numbered = name + " " + std::to_string(number);
    }
    return numbered;
}

std::string name_and_id(const Image& image) {
    return "'" + image.name + "' (" + image.id + ")";
}

} // namespace kiln::catalog
