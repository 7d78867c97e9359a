#!/bin/bash
# same_bytes.sh KILN ELEMENTS: an image built twice with empty caches, by root and by a plain user, has the same bytes.
set -eu -o pipefail
kiln=$1 elements=$2
# shellcheck source-path=SCRIPTDIR source=lib.bash
source "$(dirname "$0")/lib.bash"
user=${KILN_TEST_USER:-}
skip() {
    echo "SKIP: $*"
    exit 77
}
[ "$(id -u)" -eq 0 ] || skip "two users are needed, and so root"
id "${user:-none}" >/dev/null 2>&1 || skip "no plain user; scripts/test makes one when it runs as root"
runuser -u "$user" -- test -x "$kiln" || skip "user '$user' cannot reach '$kiln'"

work=$(mktemp -d /var/tmp/kiln-same-XXXXXX)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
mkdir "$work/root" "$work/user"
chown "$user" "$work/user"
library=$(dirname "$(readlink -f "$0")")/shared_image.bash
# shellcheck source-path=SCRIPTDIR source=shared_image.bash
source "$library"
write_test_key "$work/key.pub"
chmod 644 "$work/key.pub"

# shellcheck disable=SC2016 # the shell within expands
build='source "$1"
cd "$2"
DIB_IMAGE_CACHE=$2/cache HOME=$2 build_shared_image "$3" "$4" "$5" -o image -t qcow2,raw'
bash -eu -c "$build" - "$library" "$work/root" "$kiln" "$work/key.pub" "$elements"
rm -rf "$work/root/cache" # two would take much room
runuser -u "$user" -- bash -eu -c "$build" - "$library" "$work/user" "$kiln" "$work/key.pub" "$elements"

for image in image.raw image.qcow2; do
    cmp "$work/root/$image" "$work/user/$image" || {
        "$kiln" diff "$work/root/image.raw" "$work/user/image.raw" || true
        fail "'$image' of two builds differs"
    }
done
