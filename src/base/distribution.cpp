#include "base/distribution.hpp"

#include <algorithm>
#include <array>

namespace kiln::base {
namespace {

struct CodeName {
    std::string_view name;
    std::string_view number;
};

constexpr std::array k_debian_releases = {CodeName{"buster", "10"},
                                          CodeName{"bullseye", "11"},
                                          CodeName{"bookworm", "12"},
                                          CodeName{"trixie", "13"},
                                          CodeName{"forky", "14"}};

std::string or_default(const std::string& value, const char* otherwise) {
    return value.empty() ? otherwise : value;
}

/// The squashfs images of today are tar archives in the oldest releases.
std::string ubuntu_file(const Release& wanted) {
    const bool old = wanted.release == "trusty" || wanted.release == "xenial";
    return wanted.release + "-" + or_default(wanted.flavour, "server") + "-cloudimg-" +
           wanted.architecture + (old ? "-root.tar.gz" : ".squashfs");
}

Distribution ubuntu(const Release& wanted) {
    return {.folder = "https://cloud-images.ubuntu.com/" + wanted.release + "/current",
            .file = ubuntu_file(wanted),
            .is_signed = true,
            .keyring = "/usr/share/keyrings/ubuntu-cloudimage-keyring.gpg",
            .keyring_hint = "apt-get install ubuntu-cloudimage-keyring where there is such a "
                            "package, else give Ubuntu's keyring: KILN_BASE_KEYRING=FILE"};
}

Distribution debian(const Release& wanted) {
    Distribution found = {.folder = "",
                          .file = "",
                          .list = "SHA512SUMS",
                          .signature_suffix = ".sign",
                          .keyring = "",
                          .keyring_hint = "give a keyring: KILN_BASE_KEYRING=FILE"};
    const std::string flavour = or_default(wanted.flavour, "genericcloud");
    const std::string root = "https://cloud.debian.org/images/cloud/";
    if (wanted.release == "sid") {
        found.folder = root + "sid/daily/latest";
        found.file = "debian-sid-" + flavour + "-" + wanted.architecture + "-daily.qcow2";
    }
    const auto* const code =
        std::find_if(k_debian_releases.begin(), k_debian_releases.end(), [&](const CodeName& name) {
            return name.name == wanted.release;
        });
    if (code != k_debian_releases.end()) {
        found.folder = root + wanted.release + "/latest";
        found.file = "debian-" + std::string(code->number) + "-" + flavour + "-" +
                     wanted.architecture + ".qcow2";
    }
    return found;
}

} // namespace

Distribution distribution_of(const Release& release) {
    if (release.distribution == "ubuntu") {
        return ubuntu(release);
    }
    if (release.distribution == "debian") {
        return debian(release);
    }
    return {.folder = "",
            .file = "",
            .keyring = "",
            .keyring_hint = "give a keyring: KILN_BASE_KEYRING=FILE"};
}

std::string known_debian_releases() {
    std::string names;
    for (const CodeName& release : k_debian_releases) {
        names.append(release.name).append(", ");
    }
    return names + "sid";
}

} // namespace kiln::base
