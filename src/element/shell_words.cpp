#include "element/shell_words.hpp"

#include "element/shell_letters.hpp"
#include "util/error.hpp"

#include <algorithm>
#include <cctype>

namespace kiln::element {
namespace {

constexpr int k_deepest_word = 8;

enum class Quotes { none, twofold };

class Splitter {
public:
    Splitter(const process::Environment& environment, const std::string& place)
        : environment_(environment), place_(place) {}

    void read(std::string_view text, Quotes quotes, int depth) {
        if (depth > k_deepest_word) {
            fail("the defaults of variables go too deep", "write it more simply");
        }
        for (std::size_t at = 0; at < text.size();) {
            const char letter = text[at];
            if (letter == '$') {
                at = read_dollar(text, at + 1, quotes, depth);
            } else if (letter == '`') {
                fail_command();
            } else if (letter == '\\' && at + 1 < text.size()) {
                add(text[at + 1]);
                at += 2;
            } else if (quotes == Quotes::none && (letter == '"' || letter == '\'')) {
                at = read_quoted(text, at, depth);
            } else {
                read_plain(letter, quotes);
                ++at;
            }
        }
    }

    std::vector<std::string> take() {
        end_word();
        return std::move(words_);
    }

private:
    void add(char letter) {
        word_ += letter;
        open_ = true;
    }

    void end_word() {
        if (open_) {
            words_.push_back(word_);
        }
        word_.clear();
        open_ = false;
    }

    void read_plain(char letter, Quotes quotes) {
        if (quotes == Quotes::none && is_blank(letter)) {
            end_word();
        } else {
            add(letter);
        }
    }

    std::size_t read_quoted(std::string_view text, std::size_t at, int depth) {
        const char quote = text[at];
        std::size_t end = at + 1;
        while (end < text.size() && text[end] != quote) {
            end += text[end] == '\\' && quote == '"' ? 2U : 1U;
        }
        if (end >= text.size()) {
            fail(std::string("the quote ") + quote + " is not closed", "close it");
        }
        const std::string_view inside = text.substr(at + 1, end - at - 1);
        open_ = true;
        if (quote == '"') {
            read(inside, Quotes::twofold, depth + 1);
        } else {
            word_ += inside;
        }
        return end + 1;
    }

    /// at is behind the dollar sign; gives the place behind what belongs to it.
    std::size_t read_dollar(std::string_view text, std::size_t at, Quotes quotes, int depth) {
        if (at < text.size() && text[at] == '(') {
            fail_command();
        }
        if (at < text.size() && text[at] == '{') {
            return read_braces(text, at + 1, quotes, depth);
        }
        const std::size_t end = end_of_name(text, at);
        if (end == at) {
            add('$');
            return at;
        }
        add_value(value_of(text.substr(at, end - at)), quotes);
        return end;
    }

    std::size_t read_braces(std::string_view text, std::size_t at, Quotes quotes, int depth) {
        const std::size_t end = closing_brace(text, at);
        const std::size_t name_end = end_of_name(text, at);
        const std::string name(text.substr(at, name_end - at));
        std::string_view rest = text.substr(name_end, end - name_end);
        const bool empty_counts = rest.substr(0, 1) == ":";
        rest.remove_prefix(empty_counts ? 1 : 0);
        const bool with_default = rest.substr(0, 1) == "-";
        if (name.empty() || (!with_default && (empty_counts || !rest.empty()))) {
            fail("'${" + std::string(text.substr(at, end - at)) + "}' is not understood",
                 "known are: $NAME, ${NAME}, ${NAME-DEFAULT} and ${NAME:-DEFAULT}");
        }
        const auto found = environment_.find(name);
        const bool use_default =
            found == environment_.end() || (empty_counts && found->second.empty());
        if (with_default && use_default) {
            read(rest.substr(1), quotes, depth + 1);
        } else {
            add_value(value_of(name), quotes);
        }
        return end + 1;
    }

    [[nodiscard]] std::size_t closing_brace(std::string_view text, std::size_t at) const {
        int depth = 1;
        for (; at < text.size(); ++at) {
            depth += text[at] == '{' ? 1 : text[at] == '}' ? -1 : 0;
            if (depth == 0) {
                return at;
            }
        }
        fail("a '${' is not closed", "close it with '}'");
    }

    static std::size_t end_of_name(std::string_view text, std::size_t at) {
        if (at < text.size() && std::isdigit(static_cast<unsigned char>(text[at])) != 0) {
            return at;
        }
        while (at < text.size() && is_name(text[at])) {
            ++at;
        }
        return at;
    }

    [[nodiscard]] const std::string& value_of(std::string_view name) const {
        const auto found = environment_.find(std::string(name));
        if (found == environment_.end()) {
            fail("the variable '" + std::string(name) + "' is not set",
                 "set it, in environment.d of an element or before the build");
        }
        return found->second;
    }

    void add_value(const std::string& value, Quotes quotes) {
        for (const char letter : value) {
            read_plain(letter == '\n' ? ' ' : letter, quotes);
        }
    }

    [[noreturn]] void fail_command() const {
        fail("a command is not run in such a file",
             "set a variable in environment.d of the element and use that");
    }

    [[noreturn]] void fail(const std::string& what, const std::string& hint) const {
        throw util::Error(
            {.what = place_ + ": " + what, .hint = hint, .code = util::ExitCode::usage});
    }

    const process::Environment& environment_;
    const std::string& place_;
    std::vector<std::string> words_{};
    std::string word_{};
    /// Whether a word has begun; it may be empty.
    bool open_ = false;
};

} // namespace

std::vector<std::string> shell_words(std::string_view line,
                                     const process::Environment& environment,
                                     const std::string& place) {
    Splitter splitter(environment, place);
    splitter.read(line, Quotes::none, 0);
    return splitter.take();
}

} // namespace kiln::element
