#include "check/probe_unit.hpp"

#include "check/qemu.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

#include <fnmatch.h>
#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cstdio>

namespace kiln::check {
namespace {

constexpr const char* k_units = "/etc/systemd/system/";

// Type=simple: a oneshot would be a job of its own start-up, for whose end --wait waits. The
// ordering after a target that wants the unit is no cycle: systemd then leaves out the target's
// default ordering (systemd.target(5)).
constexpr const char* k_unit_text = R"([Unit]
Description=Tell the boot test that this machine is up
After=multi-user.target kiln-first-boot.service
[Service]
Type=simple
ExecStart=/bin/sh /etc/systemd/system/kiln-boot-report.sh
)";

constexpr const char* k_script_text = R"(port=/dev/virtio-ports/@PORT@
tries=0
while [ ! -e "$port" ] && [ "$tries" -lt 5 ]; do
    tries=$((tries + 1))
    sleep 1
done
[ -e "$port" ] || port=/dev/ttyS0
state=$(timeout 60 systemctl is-system-running --wait)
{
    systemctl list-units --state=failed --plain --no-legend --no-pager --full |
        while read -r unit rest; do
            echo "kiln-boot @TOKEN@ failed $unit"
            journalctl --boot --no-pager --output=cat --lines=10 --unit="$unit" |
                while IFS= read -r line; do echo "kiln-boot @TOKEN@ log $unit: $line"; done
        done
    echo "kiln-boot @TOKEN@ done ${state:-starting}"
} >"$port"
)";

std::string text_after(const std::string& line, const std::string& mark) {
    const std::string rest = line.substr(line.find(mark) + mark.size());
    return std::string(util::trim(rest));
}

} // namespace

std::vector<SeedFile> probe_unit(const std::string& token) {
    const std::string units = k_units;
    const std::string script = util::replace_all(k_script_text, "@PORT@", k_report_port);
    return {
        {.path = units + "kiln-boot-report.sh",
         .content = util::replace_all(script, "@TOKEN@", token)},
        {.path = units + "kiln-boot-report.service", .content = k_unit_text},
        {.path = units + "multi-user.target.wants/kiln-boot-report.service",
         .content = "../kiln-boot-report.service",
         .is_link = true},
    };
}

std::optional<BootReport> find_report(std::string_view text, const std::string& token) {
    const std::size_t complete = text.rfind('\n');
    if (complete == std::string_view::npos) {
        return std::nullopt;
    }
    BootReport report;
    for (const std::string& line : util::split(text.substr(0, complete), '\n')) {
        const auto words = util::split_words(line);
        if (words.size() < 4 || words[0] != "kiln-boot" || words[1] != token) {
            continue;
        }
        if (words[2] == "log") {
            report.journal.push_back(text_after(line, words[1] + " log "));
        } else if (words[2] == "failed") {
            report.failed_units.push_back(words[3]);
        } else if (words[2] == "done") {
            report.state = words[3];
            return report;
        }
    }
    return std::nullopt;
}

std::vector<std::string> unexpected_failures(const BootReport& report,
                                             const std::vector<std::string>& allowed) {
    std::vector<std::string> units;
    for (const std::string& unit : report.failed_units) {
        if (std::none_of(allowed.begin(), allowed.end(), [&](const std::string& pattern) {
                return ::fnmatch(pattern.c_str(), unit.c_str(), 0) == 0;
            })) {
            units.push_back(unit);
        }
    }
    return units;
}

bool is_up(const BootReport& report, const std::vector<std::string>& allowed) {
    const bool only_allowed = report.state == "degraded" && !report.failed_units.empty();
    return unexpected_failures(report, allowed).empty() &&
           (report.state == "running" || only_allowed);
}

std::string make_token() {
    std::array<unsigned char, 16> bytes{};
    if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
        util::throw_errno("cannot make a random token");
    }
    std::string token;
    for (const unsigned char byte : bytes) {
        std::array<char, 3> digits{};
        std::snprintf(digits.data(), digits.size(), "%02x", byte);
        token += digits.data();
    }
    return token;
}

} // namespace kiln::check
