#include "base/base_images.hpp"

#include "base/checksum_list.hpp"
#include "net/url.hpp"
#include "process/tools/signed_text.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

#include <sys/stat.h>
#include <unistd.h>

namespace kiln::base {
namespace {

[[noreturn]] void refuse_offline(const ImageSource& source, const std::string& what) {
    throw util::Error({.what = "--offline: " + what + " of '" + net::display_url(source.url) +
                               "' is in the cache",
                       .hint = "build once without --offline, or give the image: "
                               "DIB_LOCAL_IMAGE=FILE",
                       .code = util::ExitCode::remote});
}

} // namespace

BaseImages::BaseImages(BaseImageOptions options,
                       net::Client& client,
                       process::Runner& runner,
                       report::Reporter& reporter)
    : options_(std::move(options)),
      client_(client),
      runner_(runner),
      reporter_(reporter),
      images_(
          options_.cache, {.limit = options_.cache_limit, .on_wait = options_.on_wait}, reporter),
      lists_(options_.cache / "lists") {}

ImageInUse BaseImages::obtain(const ImageSource& source) {
    if (!source.local.empty()) {
        return obtain_local(source);
    }
    tell_trust(source);
    const ImageDigest digest = source.digest ? *source.digest : wanted_digest(source);
    if (options_.network == Network::forbidden) {
        auto kept = images_.find(digest);
        if (!kept) {
            refuse_offline(source, "no copy");
        }
        return std::move(*kept);
    }
    return images_.get(digest, net::display_url(source.url), [&](const std::string& file) {
        client_.download({.url = source.url, .path = file});
    });
}

ImageInUse BaseImages::obtain_local(const ImageSource& source) {
    struct stat info = {};
    if (::stat(source.local.c_str(), &info) != 0 || ::access(source.local.c_str(), R_OK) != 0) {
        util::throw_errno({.what = "DIB_LOCAL_IMAGE='" + source.local + "' cannot be read",
                           .hint = "give the path of an image file",
                           .code = util::ExitCode::usage});
    }
    if (!S_ISREG(info.st_mode)) {
        throw util::Error({.what = "DIB_LOCAL_IMAGE='" + source.local + "' is no file",
                           .hint = "give the path of an image file",
                           .code = util::ExitCode::usage});
    }
    if (source.digest) {
        const ImageDigest found =
            digest_of_file(source.local, source.digest->kind, options_.on_wait);
        if (found != *source.digest) {
            throw util::Error({.what = "DIB_LOCAL_IMAGE='" + source.local +
                                       "' does not have the digest that KILN_BASE_DIGEST gives: " +
                                       digest_name(found),
                               .hint = "is it the right file?",
                               .code = util::ExitCode::remote});
        }
    }
    return {source.local, std::nullopt};
}

ImageDigest BaseImages::wanted_digest(const ImageSource& source) {
    return digest_in(source, current_list(source));
}

ImageDigest BaseImages::digest_in(const ImageSource& source, const std::string& text) {
    const std::string shown = net::display_url(source.list_url);
    const ChecksumList list = ChecksumList::parse(text, shown);
    auto digest = list.find(source.list_name);
    if (!digest) {
        digest = list.find(net::file_name_of(source.list_name));
    }
    if (!digest) {
        throw util::Error({.what = "'" + source.list_name + "' is not in '" + shown + "'",
                           .hint = "is the release, the architecture, the flavour right? another "
                                   "file: BASE_IMAGE_FILE=NAME",
                           .code = util::ExitCode::remote});
    }
    return *digest;
}

std::string BaseImages::current_list(const ImageSource& source) {
    const auto kept = lists_.find(source.list_url, source.signature_url);
    if (options_.network == Network::forbidden) {
        if (!kept) {
            refuse_offline(source, "no checksum list");
        }
        return verified(source, *kept);
    }
    try {
        return ask_for_list(source, kept.value_or(FetchedList{}));
    } catch (const util::Error& error) {
        util::ErrorInfo info = error.info();
        // Never an old image without a word; but say that there is one.
        if (info.code == util::ExitCode::remote && kept && has_verified_copy(source, *kept)) {
            info.hint = "an image that was verified earlier is in the cache; to use it: --offline";
        }
        throw util::Error(info);
    }
}

bool BaseImages::has_verified_copy(const ImageSource& source, const FetchedList& known) {
    try {
        return images_.find(digest_in(source, verified(source, known))).has_value();
    } catch (const util::Error&) {
        return false;
    }
}

/// A list and a signature that do not fit each other may come from a cache on the way, or from a
/// server where one is changed just now: both are asked for once more, past all caches.
std::string BaseImages::ask_for_list(const ImageSource& source, const FetchedList& known) {
    FetchedList list = fetch_list(source, known.validators, net::CachesBetween::allowed);
    if (list.text.empty() && !known.text.empty()) {
        list = known;
    }
    std::string text;
    try {
        text = verified(source, list);
    } catch (const util::Error& error) {
        if (error.info().code != util::ExitCode::remote) {
            throw;
        }
        list = fetch_list(source, {}, net::CachesBetween::bypassed);
        text = verified(source, list);
    }
    lists_.put(source.list_url, source.signature_url, list);
    return text;
}

/// Text is empty when the known one is current.
FetchedList BaseImages::fetch_list(const ImageSource& source,
                                   const net::Validators& known,
                                   net::CachesBetween caches) {
    net::Document document;
    try {
        document = client_.get({.url = source.list_url, .known = known, .caches = caches});
    } catch (const util::Error& error) {
        util::ErrorInfo info = error.info();
        info.hint +=
            " (the list vouches for the image; to name another: KILN_BASE_CHECKSUMS=URL, or "
            "the image's digest: KILN_BASE_DIGEST=sha256:HEX; in a file of kiln run: "
            "'checksums' and 'checksum')";
        throw util::Error(info);
    }
    if (document.not_modified) {
        return {};
    }
    FetchedList list = {.validators = document.validators, .text = document.body};
    if (source.trust == Trust::signature && !source.signature_url.empty()) {
        list.signature = fetch_signature(source, caches);
    }
    return list;
}

std::string BaseImages::fetch_signature(const ImageSource& source, net::CachesBetween caches) {
    try {
        return client_.get({.url = source.signature_url, .caches = caches}).body;
    } catch (const util::Error& error) {
        util::ErrorInfo info = error.info();
        info.hint = "the list's signature is needed; if it lies elsewhere: KILN_BASE_SIGNATURE=URL "
                    "(or inline); if there is none: KILN_BASE_SIGNATURE=none";
        throw util::Error(info);
    }
}

std::string BaseImages::verified(const ImageSource& source, const FetchedList& list) {
    if (source.trust != Trust::signature) {
        ChecksumList::parse(list.text, net::display_url(source.list_url));
        return list.text;
    }
    const std::string shown = net::display_url(source.list_url);
    if (list.signature.empty() && !process::is_signed_around(list.text)) {
        throw util::Error({.what = "'" + shown + "' is not signed",
                           .hint = "if its signature lies elsewhere: KILN_BASE_SIGNATURE=URL; if "
                                   "there is none: KILN_BASE_SIGNATURE=none",
                           .code = util::ExitCode::remote});
    }
    return process::verified_text({.text = list.text,
                                   .signature = list.signature,
                                   .name = shown,
                                   .keyrings = {source.keyring},
                                   .keyring_hint = source.keyring_hint,
                                   .hint = "the keys are those of '" + source.keyring + "'; " +
                                           "another keyring: KILN_BASE_KEYRING=FILE"},
                                  options_.scratch,
                                  runner_);
}

void BaseImages::tell_trust(const ImageSource& source) {
    const std::string list = "'" + net::display_url(source.list_url) + "'";
    if (source.trust == Trust::nobody) {
        reporter_.warn("nothing vouches for " + list + " (KILN_BASE_UNSIGNED=1)");
    } else if (source.trust == Trust::transport && net::scheme_of(source.list_url) == "https") {
        reporter_.info(list + " has no signature: only the server's certificate vouches for it");
    }
}

} // namespace kiln::base
