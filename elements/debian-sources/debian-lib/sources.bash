# shellcheck shell=bash
# Where packages come from: sourced by host hooks of debian-minimal, debian and ubuntu.

# host_apt_uri SUITE-PATTERN [ARCHIVE]: where the host's own apt finds such a suite of Debian, or of the archive of this
# name; nothing if nowhere.
host_apt_uri() {
    command -v apt-get >/dev/null || return 0
    apt-get update --print-uris 2>/dev/null |
        sed -nE "s,^'(https?://[^@']*${2:-debian}[^@']*)/dists/$1/(In)?Release'.*,\\1,p" | head -n 1 || true
}

# default_uri SUITE-PATTERN: the public mirror of such a suite, from the sources that mmdebstrap writes by itself. It is
# stopped before it fetches anything.
default_uri() {
    local folder
    folder=$(mktemp -d)
    # shellcheck disable=SC2016 # expanded by mmdebstrap's shell
    list=$folder/list mmdebstrap --quiet --mode=root --variant=custom \
        --setup-hook='cp "$1/etc/apt/sources.list" "$list" && false' "$DIB_RELEASE" "$folder/root" >/dev/null 2>&1 || true
    awk -v pattern="^$1\$" '$1 == "deb" && $3 ~ pattern { print $2; exit }' "$folder/list" || true
    rm -rf "$folder"
}

debian_check_release() {
    [[ $DIB_RELEASE =~ ^[a-z]+$ ]] || {
        echo "error: DIB_RELEASE='$DIB_RELEASE' is not a Debian release; use a code name such as bookworm or trixie" >&2
        return 1
    }
    [[ $DIB_DEBIAN_COMPONENTS =~ ^[a-z-]+([,\ ]+[a-z-]+)*$ ]] || {
        echo "error: DIB_DEBIAN_COMPONENTS='$DIB_DEBIAN_COMPONENTS' must be names separated by commas or blanks" >&2
        return 1
    }
}

# debian_mirrors build|image: sets mirror and security. Third parties have no -updates suite, so that is what tells Debian's
# archive. The image gets public names unless the user gave others.
debian_mirrors() {
    mirror=${DIB_DISTRIBUTION_MIRROR:-}
    security=${DIB_DEBIAN_SECURITY_MIRROR:-}
    if [ "$1" = build ]; then
        mirror=${mirror:-$(host_apt_uri '[a-z]+-updates')}
        security=${security:-$(host_apt_uri '[a-z]+-security')}
    fi
    mirror=${mirror:-$(default_uri "$DIB_RELEASE")}
    security=${security:-$(default_uri '[a-z]+-security')}
    [ -n "$mirror" ] || {
        echo "error: mmdebstrap knows no mirror for '$DIB_RELEASE'; set DIB_DISTRIBUTION_MIRROR" >&2
        return 1
    }
}

# debian_source_lines build|image: one "URI SUITE" a line.
debian_source_lines() {
    local mirror security
    debian_mirrors "$1"
    echo "$mirror $DIB_RELEASE"
    case $DIB_RELEASE in
        sid | unstable | experimental) ;;
        *)
            echo "$mirror $DIB_RELEASE-updates"
            echo "$security $DIB_RELEASE${DIB_DEBIAN_SECURITY_SUBPATH:--security}"
            ;;
    esac
}

# debian_sources build|image: the whole deb822 file.
debian_sources() {
    local uri suite lines
    lines=$(debian_source_lines "$1")
    while read -r uri suite; do
        printf 'Types: deb\nURIs: %s\nSuites: %s\nComponents: %s\nSigned-By: %s\n\n' "$uri" "$suite" \
            "${DIB_DEBIAN_COMPONENTS//,/ }" /usr/share/keyrings/debian-archive-keyring.gpg
    done <<<"$lines"
}
