#include "process/secrets.hpp"

#include "util/secret_names.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <cstdint>
#include <set>

namespace kiln::process {

bool names_a_place(const std::string& name, const std::string& value) {
    const auto ends = [&](const char* end) { return name.ends_with(end); };
    return ends("_KEYS") ||
           (value.starts_with("/") && (ends("KEY") || ends("FILE") || ends("PATH")));
}

namespace {

constexpr std::size_t k_shortest = 6;
constexpr std::size_t k_shortest_trace = 8;
constexpr std::string_view k_digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The digits of base64 that the bytes decide when the first of them stands at offset (0 to 2) of
/// a group of three.
std::string base64_core(std::string_view bytes, std::size_t offset) {
    std::string digits;
    std::uint32_t bits = 0;
    unsigned count = 0;
    std::size_t skip = offset == 0 ? 0 : 1;
    count = offset == 0 ? 0 : static_cast<unsigned>(offset == 1 ? 2 : 4);
    for (const char byte : bytes) {
        bits = (bits << 8U) | static_cast<unsigned char>(byte);
        count += 8;
        while (count >= 6) {
            count -= 6;
            if (skip > 0) {
                --skip;
            } else {
                digits += k_digits[(bits >> count) & 63U];
            }
        }
    }
    return digits;
}

/// The password of "user:password@host". A token may stand alone in the user's place; names of
/// users are shorter.
std::string password_in(const std::string& authority) {
    constexpr std::size_t k_shortest_token = 20;
    const std::size_t sign = authority.rfind('@');
    if (sign == std::string::npos) {
        return "";
    }
    const std::size_t colon = authority.find(':');
    if (colon < sign) {
        return authority.substr(colon + 1, sign - colon - 1);
    }
    return sign >= k_shortest_token ? authority.substr(0, sign) : "";
}

/// The passwords of all URLs in a value.
std::vector<std::string> url_passwords(const std::string& value) {
    std::vector<std::string> passwords;
    for (std::size_t at = value.find("://"); at != std::string::npos; at = value.find("://", at)) {
        at += 3;
        const std::size_t end = value.find_first_of("/?# \t\r\n\"'", at);
        passwords.push_back(password_in(value.substr(at, end - at)));
    }
    return passwords;
}

bool is_secret(const std::string& name,
               const std::string& value,
               const std::set<std::string>& told) {
    return told.count(name) > 0 || (util::is_secret_name(name) && !names_a_place(name, value));
}

/// The words of a variable, separated by commas or blanks.
std::set<std::string> names_in(const Environment& environment, const char* variable) {
    const auto list = environment.find(variable);
    return list == environment.end() ? std::set<std::string>{} : util::listed_names(list->second);
}

/// The lines of a text of more than one.
std::vector<std::string> long_lines_of(const std::string& text) {
    std::vector<std::string> lines;
    for (const std::string& line : util::split(text, '\n')) {
        const std::string_view words = util::trim(line);
        if (words.size() >= k_shortest_trace && words.size() < text.size()) {
            lines.emplace_back(words);
        }
    }
    return lines;
}

void replace_in(std::vector<std::string>& lines, const Redactor& redactor) {
    for (std::string& line : lines) {
        line = redactor.redact(std::move(line));
    }
}

} // namespace

std::vector<Secret> secrets_of(const Environment& environment) {
    const std::set<std::string> told = names_in(environment, "KILN_SECRET_VARIABLES");
    std::vector<Secret> secrets;
    for (const auto& [name, value] : environment) {
        const std::vector<std::string> found =
            is_secret(name, value, told) ? std::vector{value} : url_passwords(value);
        for (const std::string& secret : found) {
            if (secret.size() >= k_shortest) {
                secrets.push_back({.variable = name, .value = secret});
            }
        }
    }
    return secrets;
}

std::vector<Secret> forbidden_secrets(const Environment& environment) {
    const std::set<std::string> allowed = names_in(environment, "KILN_ALLOWED_SECRETS");
    std::vector<Secret> secrets = secrets_of(environment);
    std::erase_if(secrets,
                  [&](const Secret& secret) { return allowed.count(secret.variable) > 0; });
    return secrets;
}

std::vector<std::string> traces_of(std::string_view value) {
    std::vector<std::string> traces = {std::string(value)};
    for (std::size_t offset = 0; offset < 3; ++offset) {
        std::string core = base64_core(value, offset);
        if (core.size() >= k_shortest_trace) {
            traces.push_back(std::move(core));
        }
    }
    return traces;
}

Redactor::Redactor(const std::vector<Secret>& secrets) {
    for (const Secret& secret : secrets) {
        for (std::string& trace : traces_of(secret.value)) {
            traces_.push_back(std::move(trace));
        }
        // A private key comes out line by line.
        for (std::string& line : long_lines_of(secret.value)) {
            traces_.push_back(std::move(line));
        }
    }
    // What is a part of another comes after it.
    std::stable_sort(traces_.begin(), traces_.end(), [](const auto& left, const auto& right) {
        return left.size() > right.size();
    });
}

std::string Redactor::redact(std::string text) const {
    for (const std::string& trace : traces_) {
        if (text.find(trace) != std::string::npos) {
            text = util::replace_all(text, trace, util::k_hidden);
        }
    }
    return text;
}

util::ErrorInfo Redactor::redact(util::ErrorInfo info) const {
    info.what = redact(std::move(info.what));
    info.hint = redact(std::move(info.hint));
    replace_in(info.where, *this);
    replace_in(info.excerpt, *this);
    return info;
}

void RedactingReporter::handle(const report::Event& event) {
    report::Event shown = event;
    shown.text = redactor_.redact(std::move(shown.text));
    next_.handle(shown);
}

} // namespace kiln::process
