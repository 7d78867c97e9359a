#!/bin/bash
# peer_elements.sh KILN FOLDER: builds an image from diskimage-builder's own elements, unmodified, as a plain user where
# there is one, and boots it.
set -eu -o pipefail
kiln=$1 folder=$2 user=${KILN_TEST_USER:-}
skip() {
    echo "SKIP: $*"
    exit 77
}
elements=$(dpkg -L python3-diskimage-builder 2>/dev/null | sed -n 's,/vm$,,p' | grep '/elements$' | head -n 1) || true
[ -n "$elements" ] || skip "python3-diskimage-builder is not installed"
uri() { apt-get update --print-uris 2>/dev/null | sed -nE "s,^'(https?://[^']*)/dists/$1/(In)?Release'.*,\\1,p" | head -n 1; }
main=$(uri '[a-z]+-updates') security=$(uri '[a-z]+-security')
[ -n "${main:+$security}" ] || skip "the host's apt has no Debian with security updates"

as_user=()
mkdir -p "$folder"
if [ "$(id -u)" -eq 0 ]; then
    runuser -u "${user:-nobody}" -- test -x "$kiln" || skip "user '$user' cannot reach '$kiln'"
    folder=$(mktemp -d /var/tmp/kiln-system-XXXXXX)
    trap 'rm -rf "$folder"' EXIT
    chown "$user" "$folder"
    as_user=(runuser -u "$user" -- env HOME="$folder")
fi
# 3.13 does not know where bookworm has its security updates: the mirrors are named.
"${as_user[@]}" env ELEMENTS_PATH="$elements" DIB_RELEASE=bookworm DIB_DISTRIBUTION_MIRROR="$main" \
    DIB_DEBIAN_SECURITY_MIRROR="$security" DIB_DEBIAN_SECURITY_SUBPATH=-security \
    DIB_CLOUD_INIT_DATASOURCES="ConfigDrive, OpenStack" \
    DIB_DEV_USER_USERNAME=tester DIB_DEV_USER_PASSWORD=canary-of-peer-elements DIB_DEV_USER_PWDLESS_SUDO=yes \
    "$kiln" build -o "$folder/peer" debian-minimal vm cloud-init-datasources devuser dhcp-all-interfaces \
    enable-serial-console runtime-ssh-host-keys element-manifest

grep -qx devuser "$folder/peer.d/dib-manifests/dib-element-manifest"
grep -rq canary "$folder/peer.d" && { echo "FAIL: the password is in a manifest" && exit 1; }
# Its dhcp-all-interfaces writes to /var/lib/dhclient, which Debian has not, when the network announces IPv6.
"$kiln" test --boot --firmware bios --allow-failed 'dhcp-interface@*' --work-dir "$folder" "$folder/peer.qcow2"
