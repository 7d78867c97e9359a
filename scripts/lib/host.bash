# shellcheck shell=bash
# What quickstart and test share: packages and users of this machine. Sourced.
: "${top:?the folder of the sources}"

say() { printf '%s\n' "$*" >&2; }

# as_root REASON COMMAND...: says what is run and why before it asks for a password.
as_root() {
    local reason=$1
    shift
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
        return
    fi
    command -v sudo >/dev/null || {
        say "error: root is needed to $reason, and sudo is not installed; as root run: $*"
        return 4
    }
    say "Root is needed to $reason:"
    say "  sudo $*"
    sudo "$@"
}

missing_packages() {
    local package
    for package in "$@"; do
        [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)" = installed ] || echo "$package"
    done
}

# Whether apt knows every one of these packages: on a fresh machine its lists are empty.
apt_knows() {
    local package
    for package in "$@"; do
        apt-cache show --no-all-versions "$package" >/dev/null 2>&1 || return 1
    done
}

apt_install() {
    as_root "install what is missing, with apt-get" "$top/scripts/lib/install-packages" "$@" >&2
}

apt_update() { as_root "refresh the package lists" apt-get update -q >&2; }

# ensure_packages GROUP...: installs what is missing of the groups of scripts/packages.
ensure_packages() {
    command -v apt-get >/dev/null || {
        say "error: this is no Debian or Ubuntu; install yourself what '$top/scripts/packages $*' lists"
        return 4
    }
    local missing=()
    mapfile -t missing < <("$top/scripts/packages" "$@" | xargs -r bash -c \
        "$(declare -f missing_packages)"'; missing_packages "$@"' missing_packages)
    [ ${#missing[@]} -gt 0 ] || return 0
    say "Missing packages: ${missing[*]}"
    apt_knows "${missing[@]}" || apt_update
    # Lists that are too old name versions that the mirror no longer has.
    apt_install "${missing[@]}" || { apt_update && apt_install "${missing[@]}"; }
}

# Without root, a build maps the image's users to the subordinate ids of its user.
ensure_subordinate_ids() { # USER
    local user=$1 option file start
    for file in subuid subgid; do
        ! grep -q "^$user:" "/etc/$file" 2>/dev/null || continue
        option=--add-${file}s
        start=$(awk -F: -v end=100000 '$2 + $3 > end { end = $2 + $3 } END { print end }' "/etc/$file" 2>/dev/null || echo 100000)
        as_root "give user '$user' subordinate ids in /etc/$file" \
            usermod "$option" "$start-$((start + 65535))" "$user"
    done
}
