#include "element/hook_paths.hpp"

#include "element/shell_letters.hpp"

#include <algorithm>

namespace kiln::element {
namespace {

bool is_path(char c) {
    return is_name(c) || std::string_view("/.-+@").find(c) != std::string_view::npos;
}

/// Where a path may end; anything else may go on in a way that cannot be told.
bool ends_path(char c) {
    return std::string_view(" \t\r\n;|&()<>:}\"'").find(c) != std::string_view::npos;
}

/// The characters behind the name of the tree, without the quotes among them.
std::string literal_behind(std::string_view text, std::size_t place, bool& complete) {
    std::string literal;
    while (is_path(at(text, place)) || at(text, place) == '"' || at(text, place) == '\'') {
        const char c = text[place++];
        if (is_path(c)) {
            literal += c;
        }
    }
    complete = ends_path(at(text, place));
    return literal;
}

std::string below(std::string_view text, std::size_t place) {
    bool complete = false;
    std::string literal = literal_behind(text, place, complete);
    if (!complete) {
        literal.erase(std::min(literal.rfind('/'), literal.size()));
    }
    std::string path;
    std::size_t start = 0;
    while (start < literal.size()) {
        const std::size_t end = std::min(literal.find('/', start), literal.size());
        const std::string part = literal.substr(start, end - start);
        if (part == "..") {
            return "";
        }
        if (!part.empty() && part != ".") {
            path += (path.empty() ? "" : "/") + part;
        }
        start = end + 1;
    }
    return path;
}

/// Whether a name at this place is whole, not part of a longer one.
bool is_whole(std::string_view text, std::size_t place, std::size_t size) {
    return (place == 0 || !is_name(text[place - 1])) && !is_name(at(text, place + size));
}

/// Whether the expansion whose name ends here only asks whether the variable is set:
/// [ -z "${X:-}" ], : "${X:?}".
bool only_asks(std::string_view text, std::size_t begin, std::size_t end) {
    const std::size_t close = text.find('}', end);
    if (close == std::string_view::npos) {
        return false;
    }
    std::size_t behind = close + 1;
    while (at(text, behind) == '"' || at(text, behind) == ' ') {
        ++behind;
    }
    const std::string_view before = text.substr(0, begin);
    const bool colon = before.size() >= 3 && before.substr(before.size() - 3) == ": \"";
    return at(text, behind) == ']' || (colon && at(text, behind) == '\n');
}

class Finder {
public:
    explicit Finder(std::string_view text) : text_(text) {}

    std::vector<HookPath> find() {
        find_literal("in_target.d");
        find_literal("kiln/build/hooks");
        find_variable("TMP_HOOKS_PATH", "");
        find_variable("TMP_BUILD_DIR", "hooks");
        return std::move(found_);
    }

private:
    void find_literal(std::string_view name) {
        for (std::size_t place = text_.find(name); place != std::string_view::npos;
             place = text_.find(name, place + 1)) {
            if (is_whole(text_, place, name.size())) {
                found_.push_back({.offset = place, .path = below(text_, place + name.size())});
            }
        }
    }

    void find_variable(std::string_view name, std::string_view folder) {
        for (std::size_t place = text_.find(name); place != std::string_view::npos;
             place = text_.find(name, place + 1)) {
            if (is_whole(text_, place, name.size())) {
                add_variable(place, name.size(), folder);
            }
        }
    }

    void add_variable(std::size_t place, std::size_t size, std::string_view folder) {
        std::size_t end = place + size;
        const bool braces = place > 1 && text_.substr(place - 2, 2) == "${";
        const bool plain = place > 0 && text_[place - 1] == '$';
        if (braces && at(text_, end) != '}') {
            if (!only_asks(text_, place - 2, end)) {
                found_.push_back({.offset = place});
            }
        } else if (braces || plain) {
            add_in(place, end + (braces ? 1U : 0U), folder);
        } else if (at(text_, end) == '=') {
            found_.push_back({.offset = place});
        }
    }

    /// What is behind the variable begins in the folder that holds the hooks tree, or in the tree.
    void add_in(std::size_t place, std::size_t end, std::string_view folder) {
        const std::string path = below(text_, end);
        if (folder.empty()) {
            found_.push_back({.offset = place, .path = path});
        } else if (path.empty() || path == folder) {
            found_.push_back({.offset = place});
        } else if (path.compare(0, folder.size() + 1, std::string(folder) + "/") == 0) {
            found_.push_back({.offset = place, .path = path.substr(folder.size() + 1)});
        }
    }

    std::string_view text_;
    std::vector<HookPath> found_{};
};

} // namespace

std::vector<HookPath> hook_paths(std::string_view text) {
    return Finder(text).find();
}

} // namespace kiln::element
