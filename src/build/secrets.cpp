#include "build/secrets.hpp"

#include "util/secret_names.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <cstdint>
#include <set>

namespace kiln::build {
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

/// The password of "scheme://user:password@host".
std::string url_password(const std::string& value) {
    const std::size_t scheme = value.find("://");
    if (scheme == std::string::npos) {
        return "";
    }
    const std::size_t start = scheme + 3;
    const std::string authority = value.substr(start, value.find('/', start) - start);
    const std::size_t sign = authority.rfind('@');
    const std::size_t colon = authority.find(':');
    return sign == std::string::npos || colon >= sign
               ? ""
               : authority.substr(colon + 1, sign - colon - 1);
}

/// DIB_DEV_USER_AUTHORIZED_KEYS and such name files, or hold public keys.
bool names_a_place(const std::string& name, const std::string& value) {
    const auto ends = [&](const char* end) { return name.ends_with(end); };
    return ends("_KEYS") ||
           (value.starts_with("/") && (ends("KEY") || ends("FILE") || ends("PATH")));
}

bool is_secret(const std::string& name,
               const std::string& value,
               const std::set<std::string>& told) {
    return told.count(name) > 0 || (util::is_secret_name(name) && !names_a_place(name, value));
}

/// The words of a variable, separated by commas or blanks.
std::set<std::string> names_in(const process::Environment& environment, const char* variable) {
    const auto list = environment.find(variable);
    if (list == environment.end()) {
        return {};
    }
    const auto words = util::split_words(util::replace_all(list->second, ",", " "));
    return {words.begin(), words.end()};
}

void replace_in(std::vector<std::string>& lines, const Redactor& redactor) {
    for (std::string& line : lines) {
        line = redactor.redact(std::move(line));
    }
}

} // namespace

std::vector<Secret> secrets_of(const process::Environment& environment) {
    const std::set<std::string> told = names_in(environment, "KILN_SECRET_VARIABLES");
    std::vector<Secret> secrets;
    for (const auto& [name, value] : environment) {
        const std::string secret = is_secret(name, value, told) ? value : url_password(value);
        if (secret.size() >= k_shortest) {
            secrets.push_back({.variable = name, .value = secret});
        }
    }
    return secrets;
}

std::vector<Secret> forbidden_secrets(const process::Environment& environment) {
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

} // namespace kiln::build
