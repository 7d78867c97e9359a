#!/bin/bash
# build_as_user.sh KILN FOLDER ELEMENTS: a plain user gets the same bytes as root did.
set -eu -o pipefail
kiln=$1 folder=$2 here=$(dirname "$(readlink -f "$0")")
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
runuser -u "$user" -- env HOME="$work" "$here/build_image.sh" "$kiln" "$work/image" "$3"
for image in image.raw image.qcow2; do
    cmp "$folder/$image" "$work/image/$image" || { echo "FAIL: $image of user '$user' differs"; exit 1; }
done
