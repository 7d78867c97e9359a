# shellcheck shell=bash
# The files of whoever builds: sourced by host hooks, whose own HOME is the build's folder.

builder_home() {
    local id
    # Without root, root of the sandbox is the caller; as root it is root.
    id=$(awk '$1 == 0 { print $2; exit }' /proc/self/uid_map)
    getent passwd "${id:-0}" | cut -d: -f6
}

builder_public_keys() {
    if grep -q 'PRIVATE KEY' "$1"; then
        echo "error: '$1' is a private key; name the public one" >&2
        return 1
    fi
    sed 's/[[:space:]]*$//; /^$/d; /^#/d' "$1"
}
