#pragma once

#include "process/command.hpp"
#include "report/reporter.hpp"
#include "util/error.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace kiln::process {

/// The value of a variable that must reach neither a log nor an image.
struct Secret {
    std::string variable;
    std::string value;
};

/// Whether a variable with a secret name does no more than name a file, or hold public keys, as
/// DIB_DEV_USER_AUTHORIZED_KEYS does.
bool names_a_place(const std::string& name, const std::string& value);

/// Values of variables with a secret name (util/secret_names.hpp) or named by
/// KILN_SECRET_VARIABLES, and passwords in the URLs of all others. Not: what names a file or holds
/// public keys, and values of less than six bytes, which would be found everywhere.
std::vector<Secret> secrets_of(const Environment& environment);

/// Those of secrets_of that must not be in the image: all but the variables that
/// KILN_ALLOWED_SECRETS names.
std::vector<Secret> forbidden_secrets(const Environment& environment);

/// The texts that give a secret away: the value, and what of it stands in any base64 text that
/// holds it, for each of the three ways it can lie there (RFC 4648).
std::vector<std::string> traces_of(std::string_view value);

/// Replaces the traces of secrets in all that passes.
class Redactor {
public:
    explicit Redactor(const std::vector<Secret>& secrets);

    [[nodiscard]] std::string redact(std::string text) const;
    [[nodiscard]] util::ErrorInfo redact(util::ErrorInfo info) const;

private:
    std::vector<std::string> traces_;
};

/// Hands events on with all secrets replaced.
class RedactingReporter : public report::Reporter {
public:
    RedactingReporter(const Redactor& redactor, report::Reporter& next)
        : redactor_(redactor), next_(next) {}

    void handle(const report::Event& event) override;

    void tick() override { next_.tick(); }

private:
    const Redactor& redactor_;
    report::Reporter& next_;
};

} // namespace kiln::process
