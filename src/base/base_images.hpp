#pragma once

#include "base/image_cache.hpp"
#include "base/image_source.hpp"
#include "base/list_cache.hpp"
#include "net/client.hpp"
#include "process/command.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace kiln::base {

enum class Network { allowed, forbidden };

struct BaseImageOptions {
    /// Holds images/, partial/, locks/ and lists/.
    std::filesystem::path cache;
    std::uint64_t cache_limit = 0;
    Network network = Network::allowed;
    /// For files that are needed for a moment.
    std::string scratch = "/tmp";
    /// Called about ten times a second while something takes time.
    std::function<void()> on_wait{};
};

/// Base images as files of this machine that somebody vouches for.
///
/// The checksum list is asked for each time, and what it lists decides: so an image is current, or
/// it is an error. Without network (`--offline`) the list of the last time does. A list counts only
/// with its signature, which is checked each time, that of a kept list too.
class BaseImages {
public:
    BaseImages(BaseImageOptions options,
               net::Client& client,
               process::Runner& runner,
               report::Reporter& reporter);

    /// Throws util::Error; nothing that was not verified is kept as an image then.
    ImageInUse obtain(const ImageSource& source);

private:
    ImageInUse obtain_local(const ImageSource& source);
    ImageDigest wanted_digest(const ImageSource& source);
    std::string current_list(const ImageSource& source);
    std::string ask_for_list(const ImageSource& source, const FetchedList& known);
    bool has_verified_copy(const ImageSource& source, const FetchedList& known);
    FetchedList
    fetch_list(const ImageSource& source, const net::Validators& known, net::CachesBetween caches);
    std::string fetch_signature(const ImageSource& source, net::CachesBetween caches);
    std::string verified(const ImageSource& source, const FetchedList& list);
    static ImageDigest digest_in(const ImageSource& source, const std::string& text);
    void tell_trust(const ImageSource& source);

    BaseImageOptions options_;
    net::Client& client_;
    process::Runner& runner_;
    report::Reporter& reporter_;
    ImageCache images_;
    ListCache lists_;
};

} // namespace kiln::base
