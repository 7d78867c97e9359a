#include "element/shell_names.hpp"

#include "element/shell_letters.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace kiln::element {
namespace {

bool is_space_or_tab(char c) {
    return c == ' ' || c == '\t';
}

bool ends_command(char c) {
    return c == '\n' || c == ';' || c == '|' || c == '&' || c == '(' || c == ')';
}

/// Commands whose arguments are names that they set.
const std::set<std::string_view>& setters() {
    static const std::set<std::string_view> k_names = {"read",
                                                       "export",
                                                       "local",
                                                       "declare",
                                                       "typeset",
                                                       "readonly",
                                                       "mapfile",
                                                       "readarray",
                                                       "getopts",
                                                       "for",
                                                       "select",
                                                       "-v"};
    return k_names;
}

struct PendingDocument {
    std::string end{};
    bool expands = true;
    bool strips_tabs = false;
};

/// One pass over the text with a stack of what is open: '"', '(' , '`', '{' (a parameter) and 'd'
/// (a parameter in double quotes, where single quotes are text).
class Scanner {
public:
    explicit Scanner(std::string_view text) : text_(text) {}

    ShellNames scan() {
        while (at_ < text_.size()) {
            step();
        }
        return std::move(names_);
    }

private:
    [[nodiscard]] char look(std::size_t ahead = 0) const {
        return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
    }

    [[nodiscard]] char top() const { return open_.empty() ? '\0' : open_.back(); }

    [[nodiscard]] bool at_word_start() const {
        return at_ == 0 || is_space_or_tab(text_[at_ - 1]) || ends_command(text_[at_ - 1]) ||
               text_[at_ - 1] == '`';
    }

    void step() {
        const char c = look();
        if (c == '\\') {
            at_ += 2;
            line_ += at_ <= text_.size() && text_[at_ - 1] == '\n' ? 1U : 0U;
        } else if (c == '$') {
            dollar();
        } else if (c == '`') {
            toggle('`');
        } else if (top() == '"' || top() == 'd') {
            in_double_quotes(c);
        } else {
            in_command(c);
        }
    }

    void toggle(char kind) {
        if (top() == kind) {
            open_.pop_back();
        } else {
            open_.push_back(kind);
        }
        ++at_;
    }

    void in_double_quotes(char c) {
        line_ += c == '\n' ? 1U : 0U;
        if (c == '"') {
            toggle('"');
        } else {
            if (c == '}' && top() == 'd') {
                open_.pop_back();
            }
            ++at_;
        }
    }

    void in_command(char c) {
        if (c == '\'') {
            skip_single_quotes();
        } else if (c == '"') {
            toggle('"');
        } else if (c == '#' && at_word_start() && top() != '{') {
            at_ = std::min(text_.find('\n', at_), text_.size());
        } else if (c == '<' && look(1) == '<') {
            here_document();
        } else if (is_first(c) && at_word_start() && top() != '{') {
            word();
        } else {
            other(c);
        }
    }

    void other(char c) {
        names_.opaque = names_.opaque || is_dot_command();
        if (c == '(') {
            open_.push_back('(');
        } else if ((c == ')' && top() == '(') || (c == '}' && top() == '{')) {
            open_.pop_back();
        }
        if (ends_command(c)) {
            setting_ = false;
        }
        ++at_;
        if (c == '-' && look() == 'v' && is_space_or_tab(look(1))) {
            setting_ = true;
        }
        if (c == '\n') {
            ++line_;
            skip_here_documents();
        }
    }

    /// ". FILE" where a command can stand.
    [[nodiscard]] bool is_dot_command() const {
        if (look() != '.' || !at_word_start() || !is_space_or_tab(look(1))) {
            return false;
        }
        std::string_view before = text_.substr(0, at_);
        while (!before.empty() && is_space_or_tab(before.back())) {
            before.remove_suffix(1);
        }
        const auto follows = [&](std::string_view word) {
            return before.size() >= word.size() &&
                   before.substr(before.size() - word.size()) == word;
        };
        return before.empty() || ends_command(before.back()) || follows("then") ||
               follows("else") || follows("do");
    }

    std::string take_name() {
        const std::size_t start = at_;
        while (is_name(look())) {
            ++at_;
        }
        return std::string(text_.substr(start, at_ - start));
    }

    /// A word of a command: it may be an assignment, a command that sets, or what that one sets.
    void word() {
        const std::string name = take_name();
        const bool plus = look() == '+' && look(1) == '=';
        const bool assigned = look() == '=' || plus || (look() == '[' && is_element_assignment());
        if (assigned || (setting_ && !is_name(look()))) {
            names_.assigned.insert(name);
        } else if (setters().count(name) > 0) {
            setting_ = true;
        } else if (name == "eval" || name == "source") {
            names_.opaque = true;
        }
        if (is_space_or_tab(look()) && name == "in") {
            setting_ = false;
        }
    }

    [[nodiscard]] bool is_element_assignment() const {
        const std::size_t close = text_.find(']', at_);
        return close != std::string_view::npos && close + 1 < text_.size() &&
               (text_[close + 1] == '=' || text_[close + 1] == '+') &&
               text_.substr(at_, close - at_).find('\n') == std::string_view::npos;
    }

    void skip_single_quotes() {
        const bool escapes = at_ > 0 && text_[at_ - 1] == '$';
        for (++at_; at_ < text_.size() && look() != '\''; ++at_) {
            line_ += look() == '\n' ? 1U : 0U;
            at_ += escapes && look() == '\\' ? 1U : 0U;
        }
        ++at_;
    }

    void dollar() {
        ++at_;
        const bool quoted = top() == '"' || top() == 'd';
        if (look() == '\'' && !quoted) {
            skip_single_quotes();
        } else if (look() == '(') {
            open_.push_back('(');
            ++at_;
            setting_ = false;
        } else if (look() == '{') {
            ++at_;
            parameter();
            open_.push_back(quoted ? 'd' : '{');
        } else if (is_first(look())) {
            use(take_name(), false);
        }
    }

    /// "${NAME...", behind the brace.
    void parameter() {
        if ((look() == '#' || look() == '!') && is_first(look(1))) {
            ++at_;
        }
        if (!is_first(look())) {
            return;
        }
        const std::string name = take_name();
        if (look() == '[') {
            at_ = std::min(text_.find(']', at_), text_.size() - 1) + 1;
        }
        const char operation = look() == ':' ? look(1) : look();
        use(name, operation == '-' || operation == '=' || operation == '+' || operation == '?');
        if (operation == '=') {
            names_.assigned.insert(name);
        }
    }

    void use(const std::string& name, bool guarded) {
        if (guarded) {
            names_.guarded.insert(name);
        } else {
            names_.used.emplace(name, line_);
        }
    }

    /// "<<WORD", "<<-WORD"; "<<<" is none.
    void here_document() {
        at_ += 2;
        if (look() == '<') {
            ++at_;
            return;
        }
        PendingDocument document{.strips_tabs = look() == '-'};
        at_ += document.strips_tabs ? 1U : 0U;
        while (is_space_or_tab(look())) {
            ++at_;
        }
        while (at_ < text_.size() && !is_space_or_tab(look()) && !ends_command(look()) &&
               look() != '>') {
            const char c = look();
            if (c == '\'' || c == '"' || c == '\\') {
                document.expands = false;
            } else {
                document.end += c;
            }
            ++at_;
        }
        // An arithmetic shift has no word that would end a document.
        if (!document.end.empty() && (is_first(document.end.front()) || !document.expands)) {
            waiting_.push_back(std::move(document));
        }
    }

    void skip_here_documents() {
        for (const PendingDocument& document : std::exchange(waiting_, {})) {
            while (at_ < text_.size() && !here_line(document)) {
            }
        }
    }

    /// Reads a line of a here-document; true when it was the last.
    bool here_line(const PendingDocument& document) {
        const std::size_t end = std::min(text_.find('\n', at_), text_.size());
        std::string_view line = text_.substr(at_, end - at_);
        while (document.strips_tabs && !line.empty() && line.front() == '\t') {
            line.remove_prefix(1);
        }
        const bool last = line == document.end;
        while (document.expands && !last && at_ < end) {
            here_character();
        }
        at_ = std::min(end + 1, text_.size());
        ++line_;
        return last;
    }

    void here_character() {
        if (look() == '\\') {
            at_ += 2;
        } else if (look() == '$' && look(1) == '{') {
            at_ += 2;
            parameter();
        } else if (look() == '$' && is_first(look(1))) {
            ++at_;
            use(take_name(), false);
        } else {
            ++at_;
        }
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t line_ = 1;
    bool setting_ = false;
    std::string open_{};
    std::vector<PendingDocument> waiting_{};
    ShellNames names_{};
};

} // namespace

ShellNames scan_shell(std::string_view script) {
    return Scanner(script).scan();
}

} // namespace kiln::element
