#include "element/shell_commands.hpp"

#include "element/shell_letters.hpp"

#include <algorithm>
#include <utility>

namespace kiln::element {
namespace {

/// Deeper nesting than any script has; the stack has an end.
constexpr int k_deepest = 60;

bool ends_word(char c) {
    return c == '\0' || is_blank(c) || std::string_view("\n;&|()<>").find(c) != std::string::npos;
}

bool is_keyword(const std::string& word) {
    static const std::set<std::string_view> k_words = {
        "if", "then", "elif", "else", "fi", "while", "until", "do", "done", "{", "}", "!", "time"};
    return k_words.count(word) > 0;
}

enum class CasePart { pattern, commands };

struct HereDocument {
    std::string end{};
    bool strips_tabs = false;
};

/// Recursive descent over the characters: a list of commands calls itself for each substitution and
/// subshell.
class Reader {
public:
    explicit Reader(std::string_view script) : script_(script) { result_.text = script; }

    ShellCommands read() {
        if (script_.find('\0') != std::string_view::npos) {
            result_.sound = false;
            return std::move(result_);
        }
        if (script_.substr(0, 2) == "#!") {
            at_ = std::min(script_.find('\n'), script_.size());
            blank(0, at_);
        }
        list('\0', 0);
        result_.sound = result_.sound && waiting_.empty();
        if (!result_.sound) {
            result_.text = script_;
        }
        return std::move(result_);
    }

private:
    /// One list: what is open in it.
    struct List {
        std::vector<CasePart> cases{};
        ShellCommand command{};
        int depth = 0;
        /// The words of NAME=(...) are no commands.
        bool array = false;
    };

    [[nodiscard]] char look(std::size_t ahead = 0) const {
        return at_ + ahead < script_.size() ? script_[at_ + ahead] : '\0';
    }

    [[nodiscard]] bool done() const { return at_ >= script_.size(); }

    void blank(std::size_t from, std::size_t to) {
        std::fill(result_.text.begin() + static_cast<std::ptrdiff_t>(from),
                  result_.text.begin() + static_cast<std::ptrdiff_t>(to),
                  ' ');
    }

    void list(char end, int depth, bool array = false) {
        if (depth > k_deepest) {
            result_.sound = false;
            at_ = script_.size();
            return;
        }
        List open{.depth = depth, .array = array};
        while (!done()) {
            if (look() == end && !(end == ')' && in_pattern(open))) {
                ++at_;
                flush(open);
                result_.sound = result_.sound && open.cases.empty();
                return;
            }
            if (look() == '`' && backticks_) {
                break;
            }
            step(open);
        }
        flush(open);
        result_.sound = result_.sound && end == '\0' && open.cases.empty();
    }

    static bool in_pattern(const List& open) {
        return !open.cases.empty() && open.cases.back() == CasePart::pattern;
    }

    /// In "[[ ... ]]" brackets and signs are parts of a pattern or of the test.
    static bool in_test(const List& open) {
        const std::vector<std::string>& words = open.command.words;
        return !words.empty() && words.front() == "[[" && words.back() != "]]";
    }

    void step(List& open) {
        const char c = look();
        if (is_blank(c)) {
            ++at_;
        } else if (in_test(open)) {
            c == '\n' ? static_cast<void>(++at_) : add_word(open);
        } else if (c == '\\' && look(1) == '\n') {
            at_ += 2;
        } else if (c == '#') {
            comment();
        } else if (c == '\n') {
            ++at_;
            flush(open);
            here_bodies();
        } else if (c == '<' || c == '>' || (c == '&' && look(1) == '>')) {
            redirection(open);
        } else if (c == '(' || c == ')') {
            parenthesis(open);
        } else if (c == ';' || c == '&' || c == '|') {
            separator(open);
        } else {
            add_word(open);
        }
    }

    void comment() {
        const std::size_t end = std::min(script_.find('\n', at_), script_.size());
        result_.comments += std::string(script_.substr(at_, end - at_)) + "\n";
        blank(at_, end);
        at_ = end;
    }

    void separator(List& open) {
        const bool ends_clause = look() == ';' && (look(1) == ';' || look(1) == '&');
        flush(open);
        while (look() == ';' || look() == '&' || look() == '|') {
            ++at_;
        }
        if (ends_clause && !open.cases.empty()) {
            open.cases.back() = CasePart::pattern;
        }
    }

    void parenthesis(List& open) {
        const bool opens = look() == '(';
        if (in_pattern(open)) {
            ++at_;
            open.cases.back() = opens ? CasePart::pattern : CasePart::commands;
            open.command = {};
        } else if (!opens) {
            ++at_;
            result_.sound = false;
        } else if (is_function(open)) {
            result_.functions.insert(open.command.words.back());
            open.command = {};
            at_ = script_.find(')', at_) + 1;
        } else if (look(1) == '(' && can_be_arithmetic(open)) {
            at_ += 2;
            arithmetic(open.depth);
        } else {
            flush(open);
            ++at_;
            list(')', open.depth + 1);
        }
    }

    [[nodiscard]] bool is_function(const List& open) const {
        std::size_t ahead = 1;
        while (is_blank(look(ahead))) {
            ++ahead;
        }
        return look(ahead) == ')' && !open.command.words.empty();
    }

    static bool can_be_arithmetic(const List& open) {
        const std::vector<std::string>& words = open.command.words;
        return words.empty() || (words.size() == 1 && words.front() == "for");
    }

    void redirection(List& open) {
        if (look(1) == '(') {
            at_ += 2;
            list(')', open.depth + 1);
            note(open, at_, at_);
            return;
        }
        const std::size_t start = at_;
        if (look() == '<' && look(1) == '<' && look(2) != '<') {
            here_document();
            return;
        }
        while (look() == '<' || look() == '>' || look() == '&' || look() == '|') {
            ++at_;
        }
        note(open, start, at_);
        open.command.words.emplace_back(script_.substr(start, at_ - start));
    }

    static void note(List& open, std::size_t begin, std::size_t end) {
        if (open.command.words.empty()) {
            open.command.begin = begin;
        }
        open.command.end = std::max(open.command.end, end);
    }

    void add_word(List& open) {
        const std::size_t start = at_;
        const bool tests = in_test(open);
        if (tests && script_.substr(at_, 2) == "]]" && ends_word(look(2))) {
            at_ += 2;
        } else {
            word(open.depth, tests);
        }
        note(open, start, at_);
        open.command.words.emplace_back(script_.substr(start, at_ - start));
        recognise(open);
    }

    /// What the words so far mean to the shell itself.
    void recognise(List& open) {
        const std::vector<std::string>& words = open.command.words;
        const bool opens_body = words.front() == "function" && words.back() == "{";
        if (words.size() == 1 && words.back() == "esac") {
            end_case(open);
        } else if (opens_body || (words.size() == 1 && is_keyword(words.back()))) {
            open.command = {};
        } else if (words.size() == 3 && words[0] == "case" && words[2] == "in") {
            flush(open);
            open.cases.push_back(CasePart::pattern);
        } else if (words.size() == 2 && words.front() == "function") {
            result_.functions.insert(words.back());
        }
    }

    void end_case(List& open) {
        open.command = {};
        if (open.cases.empty()) {
            result_.sound = false;
        } else {
            open.cases.pop_back();
        }
    }

    void flush(List& open) {
        if (!open.command.words.empty() && !open.array && !in_pattern(open)) {
            result_.commands.push_back(std::move(open.command));
        }
        open.command = {};
    }

    void word(int depth, bool tests) {
        const std::size_t start = at_;
        while (!done()) {
            const char c = look();
            if (c == '(' && at_ > start && script_[at_ - 1] == '=' && !tests) {
                ++at_;
                list(')', depth + 1, true);
            } else if (std::string_view("?*+@!").find(c) != std::string::npos && look(1) == '(') {
                at_ += 2;
                list(')', depth + 1, true);
            } else if ((c == '`' && backticks_) ||
                       (tests ? is_blank(c) || c == '\n' : ends_word(c))) {
                return;
            } else {
                piece(depth);
            }
        }
    }

    void piece(int depth) {
        const char c = look();
        if (c == '\\') {
            at_ += 2;
        } else if (c == '\'') {
            single_quotes();
        } else if (c == '"') {
            double_quotes(depth);
        } else if (c == '$') {
            dollar(depth, false);
        } else if (c == '`') {
            backtick(depth);
        } else {
            ++at_;
        }
    }

    void backtick(int depth) {
        ++at_;
        const bool before = std::exchange(backticks_, true);
        list('`', depth + 1);
        backticks_ = before;
    }

    void single_quotes() {
        const std::size_t end = script_.find('\'', at_ + 1);
        result_.sound = result_.sound && end != std::string_view::npos;
        at_ = std::min(end, script_.size() - 1) + 1;
    }

    /// "$'...'", where a backslash hides a quote.
    void ansi_quotes() {
        for (at_ += 2; !done() && look() != '\''; ++at_) {
            at_ += look() == '\\' ? 1U : 0U;
        }
        result_.sound = result_.sound && !done();
        ++at_;
    }

    void double_quotes(int depth) {
        ++at_;
        while (!done() && look() != '"') {
            if (look() == '\\') {
                at_ += 2;
            } else if (look() == '$') {
                dollar(depth, true);
            } else if (look() == '`') {
                backtick(depth);
            } else {
                ++at_;
            }
        }
        result_.sound = result_.sound && !done();
        ++at_;
    }

    void dollar(int depth, bool quoted) {
        if (look(1) == '(' && look(2) == '(') {
            at_ += 3;
            arithmetic(depth);
        } else if (look(1) == '(') {
            at_ += 2;
            list(')', depth + 1);
        } else if (look(1) == '{') {
            at_ += 2;
            braces(depth + 1, quoted);
        } else if (look(1) == '\'' && !quoted) {
            ansi_quotes();
        } else {
            ++at_;
        }
    }

    /// "${NAME...}", behind the brace.
    void braces(int depth, bool quoted) {
        if (depth > k_deepest) {
            result_.sound = false;
            at_ = script_.size();
        }
        // "${#" and the like: a sign that is no quote.
        while (!done() && look() != '}') {
            if (look() == '\'' && quoted) {
                ++at_;
            } else {
                piece(depth);
            }
        }
        result_.sound = result_.sound && !done();
        ++at_;
    }

    /// "((...))", behind the brackets.
    void arithmetic(int depth) {
        int open = 2;
        while (!done() && open > 0) {
            const char c = look();
            open += c == '(' ? 1 : c == ')' ? -1 : 0;
            if (c == '$' || c == '"' || c == '`') {
                piece(depth + 1);
            } else {
                ++at_;
            }
        }
        result_.sound = result_.sound && open == 0;
    }

    /// "<<WORD", "<<-WORD".
    void here_document() {
        at_ += 2;
        HereDocument document{.strips_tabs = look() == '-'};
        at_ += document.strips_tabs ? 1U : 0U;
        while (is_blank(look())) {
            ++at_;
        }
        while (!ends_word(look())) {
            if (std::string_view("'\"\\").find(look()) == std::string_view::npos) {
                document.end += look();
            }
            ++at_;
        }
        result_.sound = result_.sound && !document.end.empty();
        waiting_.push_back(std::move(document));
    }

    void here_bodies() {
        for (const HereDocument& document : std::exchange(waiting_, {})) {
            const std::size_t begin = at_;
            bool ended = false;
            while (!done() && !ended) {
                ended = here_line(document);
            }
            result_.sound = result_.sound && ended;
            result_.commands.push_back(
                {.words = {"<<"}, .begin = begin, .end = at_, .here_document = true});
        }
    }

    /// Passes a line of a here-document; true when it was the last.
    bool here_line(const HereDocument& document) {
        const std::size_t end = std::min(script_.find('\n', at_), script_.size());
        std::string_view line = script_.substr(at_, end - at_);
        while (document.strips_tabs && !line.empty() && line.front() == '\t') {
            line.remove_prefix(1);
        }
        at_ = std::min(end + 1, script_.size());
        return line == document.end;
    }

    std::string_view script_;
    std::size_t at_ = 0;
    /// In `...`, where the next one is the end.
    bool backticks_ = false;
    std::vector<HereDocument> waiting_{};
    ShellCommands result_{};
};

} // namespace

ShellCommands read_shell(std::string_view script) {
    return Reader(script).read();
}

} // namespace kiln::element
