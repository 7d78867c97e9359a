#include "base/image_source.hpp"

#include "base/distribution.hpp"
#include "net/url.hpp"
#include "util/error.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace kiln::base {
namespace {

[[noreturn]] void refuse_source(std::string what, std::string hint) {
    throw util::Error(
        {.what = std::move(what), .hint = std::move(hint), .code = util::ExitCode::usage});
}

/// Variables with their names at hand for messages.
class Variables {
public:
    explicit Variables(const process::Environment& environment) : environment_(environment) {}

    [[nodiscard]] std::string get(const std::string& name) const {
        const auto found = environment_.find(name);
        return found == environment_.end() ? "" : found->second;
    }

    /// Hooks have a folder of their own to work in.
    [[nodiscard]] std::string absolute_path(const std::string& name) const {
        const std::string value = get(name);
        if (!value.empty() && value.front() != '/') {
            refuse_source(name + "='" + value + "' is no absolute path", "begin it with '/'");
        }
        return value;
    }

    /// Becomes part of an address and of file names.
    [[nodiscard]] std::string word(const std::string& name) const {
        const std::string value = get(name);
        const auto is_legal = [](unsigned char c) {
            return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.';
        };
        if (!std::all_of(value.begin(), value.end(), is_legal) || value == "." || value == "..") {
            refuse_source(name + "='" + value + "' is no plain word",
                          "use letters, digits, '.', '-' and '_'");
        }
        return value;
    }

    [[nodiscard]] bool is_on(const std::string& name) const {
        const std::string value = get(name);
        if (!value.empty() && value != "0" && value != "1") {
            refuse_source(name + "='" + value + "' must be 0 or 1", "");
        }
        return value == "1";
    }

private:
    const process::Environment& environment_;
};

Distribution described(const Variables& variables) {
    return distribution_of({.distribution = variables.word("DISTRO_NAME"),
                            .release = variables.word("DIB_RELEASE"),
                            .architecture = variables.word("ARCH"),
                            .flavour = variables.word("DIB_FLAVOR")});
}

std::string folder_url(const Variables& variables, const Distribution& distribution) {
    const std::string given = variables.get("DIB_CLOUD_IMAGES");
    if (!given.empty()) {
        net::require_fetchable(given, "DIB_CLOUD_IMAGES");
        return given;
    }
    if (distribution.folder.empty()) {
        refuse_source("no place of base images is known for '" + variables.get("DISTRO_NAME") +
                          "' '" + variables.get("DIB_RELEASE") + "'",
                      variables.get("DISTRO_NAME") == "debian"
                          ? "DIB_RELEASE is one of " + known_debian_releases() +
                                "; for others set DIB_CLOUD_IMAGES and BASE_IMAGE_FILE"
                          : "set DIB_CLOUD_IMAGES and BASE_IMAGE_FILE, or DIB_LOCAL_IMAGE");
    }
    return distribution.folder;
}

std::string file_name(const Variables& variables, const Distribution& distribution) {
    const std::string given = variables.get("BASE_IMAGE_FILE");
    if (given.empty() && distribution.file.empty()) {
        refuse_source("no base image is known for '" + variables.get("DISTRO_NAME") + "' '" +
                          variables.get("DIB_RELEASE") + "'",
                      "name it: BASE_IMAGE_FILE=NAME");
    }
    if (given.find_first_of("?#\\") != std::string::npos || (!given.empty() && given[0] == '/')) {
        refuse_source("BASE_IMAGE_FILE='" + given + "' is no name of a file",
                      "it is a path below DIB_CLOUD_IMAGES");
    }
    return given.empty() ? distribution.file : given;
}

std::optional<ImageDigest> given_digest(const Variables& variables) {
    const std::string text = variables.get("KILN_BASE_DIGEST");
    if (text.empty()) {
        return std::nullopt;
    }
    const auto digest = digest_from_name(text);
    if (!digest) {
        refuse_source("KILN_BASE_DIGEST='" + text + "' is no digest",
                      "write it as sha256:HEX or sha512:HEX");
    }
    return digest;
}

ImageKind kind_for(const Variables& variables, const std::string& name) {
    const std::string text = variables.get("KILN_BASE_KIND");
    for (const ImageKind kind : {ImageKind::automatic,
                                 ImageKind::qcow2,
                                 ImageKind::raw,
                                 ImageKind::squashfs,
                                 ImageKind::tar}) {
        if (text == kind_name(kind)) {
            return kind;
        }
    }
    if (!text.empty()) {
        refuse_source("KILN_BASE_KIND='" + text + "' is no kind of image",
                      "it is one of automatic, qcow2, raw, squashfs, tar");
    }
    return kind_of_name(name);
}

/// The signature that must be there, or what stands in for it.
void choose_trust(const Variables& variables,
                  const Distribution& distribution,
                  ImageSource& source) {
    const std::string signature = variables.get("KILN_BASE_SIGNATURE");
    const std::string keyring = variables.absolute_path("KILN_BASE_KEYRING");
    const bool wanted = !signature.empty() || !keyring.empty() || distribution.is_signed;
    if (wanted && signature != "none") {
        source.trust = Trust::signature;
        source.keyring = keyring.empty() ? distribution.keyring : keyring;
        source.keyring_hint = distribution.keyring_hint;
        if (source.keyring.empty()) {
            refuse_source("KILN_BASE_SIGNATURE is set, but not the keys to check it with",
                          distribution.keyring_hint);
        }
        if (signature != "inline") {
            source.signature_url =
                signature.empty() ? source.list_url + distribution.signature_suffix : signature;
            net::require_fetchable(source.signature_url, "KILN_BASE_SIGNATURE");
        }
        return;
    }
    if (net::scheme_of(source.list_url) != "http") {
        source.trust = Trust::transport;
    } else if (variables.is_on("KILN_BASE_UNSIGNED")) {
        source.trust = Trust::nobody;
    } else {
        refuse_source(
            "nothing vouches for '" + net::display_url(source.list_url) +
                "': it comes over http, and without a signature",
            "use https; or check its signature: KILN_BASE_KEYRING=FILE; or name the image's "
            "digest: KILN_BASE_DIGEST=sha256:HEX; or take it as it is: KILN_BASE_UNSIGNED=1");
    }
}

void set_list(const Variables& variables,
              const Distribution& distribution,
              const std::string& folder,
              ImageSource& source) {
    source.list_url = variables.get("KILN_BASE_CHECKSUMS");
    if (source.list_url.empty()) {
        source.list_url = variables.get("SHA256SUMS");
    }
    if (source.list_url.empty()) {
        source.list_url = net::join_url(folder, distribution.list);
    }
    net::require_fetchable(source.list_url, "KILN_BASE_CHECKSUMS");
    choose_trust(variables, distribution, source);
}

} // namespace

ImageKind kind_of_name(const std::string& name) {
    struct Ending {
        std::string_view text;
        ImageKind kind;
    };

    static constexpr std::array k_endings = {Ending{".qcow2", ImageKind::qcow2},
                                             Ending{".raw", ImageKind::raw},
                                             Ending{".squashfs", ImageKind::squashfs},
                                             Ending{".tar", ImageKind::tar},
                                             Ending{".tar.gz", ImageKind::tar},
                                             Ending{".tgz", ImageKind::tar},
                                             Ending{".tar.xz", ImageKind::tar},
                                             Ending{".txz", ImageKind::tar},
                                             Ending{".tar.zst", ImageKind::tar},
                                             Ending{".tar.bz2", ImageKind::tar}};
    for (const Ending& ending : k_endings) {
        if (name.size() > ending.text.size() &&
            name.compare(name.size() - ending.text.size(), ending.text.size(), ending.text) == 0) {
            return ending.kind;
        }
    }
    return ImageKind::automatic;
}

ImageSource locate(const process::Environment& environment) {
    const Variables variables(environment);
    ImageSource source = {.digest = given_digest(variables)};
    source.local = variables.absolute_path("DIB_LOCAL_IMAGE");
    if (!source.local.empty()) {
        source.trust = source.digest ? Trust::digest : Trust::user;
        source.kind = kind_for(variables, source.local);
        return source;
    }
    const Distribution distribution = described(variables);
    const std::string folder = folder_url(variables, distribution);
    source.list_name = file_name(variables, distribution);
    source.url = net::join_url(folder, source.list_name);
    net::require_fetchable(source.url, "BASE_IMAGE_FILE");
    source.kind = kind_for(variables, source.list_name);
    if (source.digest) {
        source.trust = Trust::digest;
    } else {
        set_list(variables, distribution, folder, source);
    }
    return source;
}

} // namespace kiln::base
