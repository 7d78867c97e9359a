#include "util/secret_names.hpp"

#include "util/text.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace kiln::util {
namespace {

/// Secret wherever they stand in a name.
constexpr std::array<std::string_view, 8> k_parts = {
    "password", "passwd", "passphrase", "secret", "token", "credential", "apikey", "privatekey"};

/// Secret as a whole word of a name.
constexpr std::array<std::string_view, 15> k_words = {"key",
                                                      "keys",
                                                      "auth",
                                                      "oauth",
                                                      "authorization",
                                                      "bearer",
                                                      "cred",
                                                      "creds",
                                                      "pass",
                                                      "pw",
                                                      "psk",
                                                      "cookie",
                                                      "sig",
                                                      "signature",
                                                      "pin"};

/// Lists of names, not secrets.
constexpr std::array<std::string_view, 2> k_lists = {"KILN_SECRET_VARIABLES",
                                                     "KILN_ALLOWED_SECRETS"};

constexpr std::string_view k_value_ends = " \t\r\n\"'`&;,)}";

bool is_space(char letter) {
    return std::isspace(static_cast<unsigned char>(letter)) != 0;
}

bool is_name_letter(char letter) {
    return std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '_' || letter == '-';
}

std::string lower_case(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(), [](unsigned char letter) {
        return static_cast<char>(std::tolower(letter));
    });
    return result;
}

bool starts_with(std::string_view text, std::string_view start) {
    return text.substr(0, start.size()) == start;
}

bool is_secret_word(std::string_view word) {
    return std::find(k_words.begin(), k_words.end(), word) != k_words.end();
}

/// Walks over a text from left to right and copies what is harmless.
class Hider {
public:
    explicit Hider(std::string_view text) : text_(text), lower_(lower_case(text)) {}

    std::string run() {
        while (at_ < text_.size()) {
            if (!take_url() && !take_header() && !take_netrc_password() && !take_assignment()) {
                copy(1);
            }
        }
        return std::move(result_);
    }

private:
    void copy(std::size_t count) {
        result_ += text_.substr(at_, count);
        at_ += count;
    }

    void hide_until(std::size_t end) {
        if (end > at_) {
            result_ += k_hidden;
        }
        at_ = end;
    }

    [[nodiscard]] std::size_t end_of(std::string_view ends, std::size_t from) const {
        return std::min(text_.find_first_of(ends, from), text_.size());
    }

    [[nodiscard]] bool at_word_start() const { return at_ == 0 || !is_name_letter(text_[at_ - 1]); }

    /// "://USER:PASSWORD@": the last @ before the path counts.
    bool take_url() {
        if (!starts_with(text_.substr(at_), "://")) {
            return false;
        }
        const std::size_t start = at_ + 3;
        const std::size_t end = end_of(" \t\r\n\"'`/?#<>", start);
        const std::size_t sign = text_.substr(start, end - start).rfind('@');
        copy(3);
        if (sign != std::string_view::npos) {
            const std::string_view user = text_.substr(start, sign);
            if (is_ssh() && user.find(':') == std::string_view::npos) {
                copy(sign);
            } else {
                hide_until(start + sign);
            }
        }
        return true;
    }

    [[nodiscard]] bool is_ssh() const {
        const std::size_t colon = result_.size() - 3;
        return colon >= 3 && lower_case(std::string_view(result_).substr(colon - 3, 3)) == "ssh";
    }

    bool take_header() {
        static constexpr std::string_view k_header = "authorization:";
        if (!at_word_start() || lower_.compare(at_, k_header.size(), k_header) != 0) {
            return false;
        }
        copy(k_header.size());
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) {
            copy(1);
        }
        hide_until(end_of("\r\n", at_));
        return true;
    }

    /// "machine HOST login USER password WORD".
    bool take_netrc_password() {
        static constexpr std::string_view k_word = "password";
        const std::size_t after = at_ + k_word.size();
        if (!at_word_start() || lower_.compare(at_, k_word.size(), k_word) != 0 ||
            after >= text_.size() || !is_space(text_[after]) ||
            lower_.find("login") == std::string::npos) {
            return false;
        }
        copy(k_word.size());
        while (at_ < text_.size() && is_space(text_[at_])) {
            copy(1);
        }
        hide_until(end_of(" \t\r\n", at_));
        return true;
    }

    bool take_assignment() {
        if (!at_word_start() || !is_name_letter(text_[at_])) {
            return false;
        }
        std::size_t end = at_;
        while (end < text_.size() && is_name_letter(text_[end])) {
            ++end;
        }
        const bool secret =
            end < text_.size() && text_[end] == '=' && is_secret_name(text_.substr(at_, end - at_));
        copy(end - at_);
        if (secret) {
            copy(1);
            take_value();
        }
        return true;
    }

    void take_value() {
        const char quote = at_ < text_.size() ? text_[at_] : '\0';
        if (quote != '"' && quote != '\'') {
            hide_until(end_of(k_value_ends, at_));
            return;
        }
        copy(1);
        hide_until(std::min(text_.find(quote, at_), text_.size()));
    }

    std::string_view text_;
    std::string lower_;
    std::size_t at_ = 0;
    std::string result_{};
};

} // namespace

bool is_secret_name(std::string_view name) {
    if (std::find(k_lists.begin(), k_lists.end(), name) != k_lists.end()) {
        return false;
    }
    const std::string lower = lower_case(name);
    if (std::any_of(k_parts.begin(), k_parts.end(), [&](std::string_view part) {
            return lower.find(part) != std::string::npos;
        })) {
        return true;
    }
    std::size_t start = 0;
    while (start <= lower.size()) {
        const std::size_t end = std::min(lower.find_first_of("_-.", start), lower.size());
        const std::string_view word = std::string_view(lower).substr(start, end - start);
        if (is_secret_word(word) || (word.size() > 3 && word.substr(word.size() - 3) == "key")) {
            return true;
        }
        start = end + 1;
    }
    return false;
}

std::set<std::string> listed_names(std::string_view list) {
    const std::vector<std::string> words = split_words(replace_all(std::string(list), ",", " "));
    return {words.begin(), words.end()};
}

std::string hide_credentials(std::string_view text) {
    return Hider(text).run();
}

std::string shown_value(std::string_view name, std::string_view value) {
    if (is_secret_name(name) && !value.empty()) {
        return std::string(k_hidden);
    }
    return hide_credentials(value);
}

} // namespace kiln::util
