#include "cli/rotation_flags.hpp"

#include "cli/numbers.hpp"
#include "util/error.hpp"

#include <CLI/CLI.hpp>

#include <cmath>

namespace kiln::cli {
namespace {

catalog::OlderImages older_of(const std::string& word) {
    if (word == "community") {
        return catalog::OlderImages::community;
    }
    if (word == "deactivate") {
        return catalog::OlderImages::deactivate;
    }
    return word == "show" ? catalog::OlderImages::show : catalog::OlderImages::hide;
}

} // namespace

void RotationFlags::define(CLI::App& app) {
    app.add_option("--visibility", visibility_, "private, shared, community or public [as before]")
        ->check(CLI::IsMember({"private", "shared", "community", "public"}));
    app.add_option("--older",
                   older_,
                   "hide, community, deactivate or show images that lost the name [hide]")
        ->check(CLI::IsMember({"hide", "community", "deactivate", "show"}));
    app.add_option(
           "--swap", swap_, "hide-first, or overlap: lists have the name always [hide-first]")
        ->check(CLI::IsMember({"hide-first", "overlap"}));
    app.add_option("--keep", keep_, "Images of a name that stay, the current one included [3]")
        ->envname("KILN_KEEP");
    app.add_flag("--delete", delete_, "Delete the older ones beyond --keep");
    app.add_option(
        "--dated-name", dated_name_, "Name of older images, also {version}, {id} [{name} {date}]");
}

catalog::RotationPolicy RotationFlags::policy() const {
    const double keep = positive_number(keep_, "--keep");
    if (keep < 1 || std::floor(keep) != keep) {
        throw util::Error({.what = "--keep: '" + keep_ + "' is no number of images",
                           .hint = "give 1 or more; the current image counts",
                           .code = util::ExitCode::usage});
    }
    if (dated_name_.find('{') == std::string::npos) {
        throw util::Error({.what = "--dated-name: '" + dated_name_ + "' is the same for all images",
                           .hint = "use {name}, {date}, {version} or {id} in it",
                           .code = util::ExitCode::usage});
    }
    return {.visibility = store::parse_visibility(visibility_),
            .older = older_of(older_),
            .swap = swap_ == "overlap" ? catalog::Swap::overlap : catalog::Swap::hide_first,
            .keep = static_cast<std::size_t>(std::min(keep, 1e6)),
            .remove_expired = delete_,
            .dated_name = dated_name_};
}

} // namespace kiln::cli
