#pragma once

#include "chain/definition.hpp"
#include "chain/places.hpp"
#include "process/command.hpp"

#include <optional>
#include <string>

namespace kiln::chain {

/// What the commands of a chain are called with.
struct Caller {
    /// The program itself.
    std::string kiln;
    /// The caller's variables.
    process::Environment environment{};
    /// The cache folder where the environment names none.
    std::string cache{};
    /// In place of what the file says.
    std::optional<std::string> freshness{};
    /// Whether builds use and keep layers.
    bool use_cache = true;
};

/// Each step of a chain is a command that a person could give as well. All of them tell events and
/// errors as lines of JSON.

/// kiln build; base is the image that it starts from, if that is a file by now. Secrets are read
/// here; throws util::Error (code usage) for one that is gone.
process::Command build_command(const ImageDefinition& image,
                               const ImagePlaces& places,
                               const Caller& caller,
                               const std::string& base);

/// The image's secrets as variables, and which ones they are (KILN_SECRET_VARIABLES). Throws
/// util::Error (code usage) for one that is not set.
process::Environment secret_environment(const ImageDefinition& image, const Caller& caller);

/// kiln cache explain: what a build would do.
process::Command explain_command(const ImageDefinition& image,
                                 const ImagePlaces& places,
                                 const Caller& caller,
                                 const std::string& base);

process::Command boot_command(const BootTest& test, const std::string& file, const Caller& caller);

/// kiln publish of a file to a store.
enum class Publish { do_it, plan };
process::Command publish_command(const ImageDefinition& image,
                                 const StoreDefinition& store,
                                 const std::string& file,
                                 const Caller& caller,
                                 Publish mode);

/// kiln images download: prints the path of the image of the cloud.
process::Command
download_command(const BaseDefinition& base, const ImagePlaces& places, const Caller& caller);

/// kiln tool fetch-image: makes a file of what a URL leads to.
process::Command
fetch_command(const BaseDefinition& base, const std::string& file, const Caller& caller);

} // namespace kiln::chain
