#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::check {

/// A file or link to put into an image.
struct SeedFile {
    /// Absolute, in the image.
    std::string path;
    /// Content, or the target of a link.
    std::string content;
    bool is_link = false;
};

/// A systemd unit that runs when multi-user.target is reached and the first-boot scripts have
/// ended. It waits until systemd has nothing left to start (a minute at most), then writes to the
/// report port, where it is, else to the first serial line:
///
///     kiln-boot TOKEN failed UNIT       for every failed unit, and its last ten lines of the
///     kiln-boot TOKEN log UNIT: LINE    journal
///     kiln-boot TOKEN done STATE        what systemctl is-system-running says
std::vector<SeedFile> probe_unit(const std::string& token);

/// What the unit said.
struct BootReport {
    std::string state;
    std::vector<std::string> failed_units;
    /// Lines "UNIT: TEXT" about the failed units.
    std::vector<std::string> journal{};
};

/// The failed units that no pattern of shell wildcards allows ("dhcp-interface@*").
std::vector<std::string> unexpected_failures(const BootReport& report,
                                             const std::vector<std::string>& allowed);

/// Whether systemd has started all, but for units whose failure is allowed.
bool is_up(const BootReport& report, const std::vector<std::string>& allowed);

/// The report for this token in the text, when its last line is there and complete.
std::optional<BootReport> find_report(std::string_view text, const std::string& token);

/// 32 random hexadecimal digits.
std::string make_token();

} // namespace kiln::check
