#!/bin/bash
# build_as_user.sh KILN ELEMENTS: a plain user's image stands the same looks as root's.
set -eu -o pipefail
kiln=$1 elements=$2 here=$(dirname "$(readlink -f "$0")")
user=${KILN_TEST_USER:-}
skip() {
    echo "SKIP: $*"
    exit 77
}
[ "$(id -u)" -eq 0 ] || skip "the first build was that of a plain user already"
id "${user:-none}" >/dev/null 2>&1 || skip "no plain user; scripts/test makes one when it runs as root"
runuser -u "$user" -- test -x "$kiln" || skip "user '$user' cannot reach '$kiln'"

work=$(mktemp -d /var/tmp/kiln-system-XXXXXX)
trap 'rm -rf "$work"' EXIT
chown "$user" "$work"
runuser -u "$user" -- env HOME="$work" "$here/build_image.sh" "$kiln" "$work/image" "$elements"
"$here/image_clean.sh" "$work/image/image.raw"
for check in checksums qemu-img filesystem; do
    "$here/image_checks.sh" "$check" "$work/image"
done
