#!/bin/bash
# build_root_tar.sh ELEMENTS TAR: makes the root that tests of elements start from (test element tar-root): a small Debian
# with what elements install, so that a test needs no network. One that was made today from the same list is kept.
set -eu -o pipefail
elements=$1 tar=$2
packages=(
    ca-certificates curl dbus gnupg less netbase procps tzdata          # what base and people expect
    init iproute2 kmod libpam-systemd systemd-sysv systemd-timesyncd udev
    cloud-guest-utils e2fsprogs fdisk gdisk openssh-server sudo         # growroot, openssh-server, devuser
    python3 python3-apt                                                 # ansible
)
stamp=$(cat "$0" "$elements"/debian-sources/debian-lib/sources.bash | sha256sum)
if [ -n "$(find "$tar" -mmin -1440 2>/dev/null)" ] && [ "$(cat "$tar.stamp" 2>/dev/null)" = "$stamp" ]; then
    echo "kept: $tar"
    exit 0
fi
export ARCH DIB_RELEASE=bookworm DIB_DEBIAN_COMPONENTS=main
ARCH=$(dpkg --print-architecture)
# shellcheck source-path=SCRIPTDIR source=../../elements/debian-sources/debian-lib/sources.bash
source "$elements/debian-sources/debian-lib/sources.bash"
lines=$(debian_source_lines build)
sources=()
while read -r uri suite; do
    sources+=("deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $uri $suite main")
done <<<"$lines"
options=()
while read -r option; do
    options+=(--aptopt="$option")
done < <("$elements/dpkg/dpkg-lib/host-apt-conf")
mkdir -p "$(dirname "$tar")"
rm -f "$tar" "$tar.stamp"
trap 'rm -f "$tar.new"' EXIT
# Documentation is left out but for the changelogs, which tell kiln how old the packages are.
mmdebstrap --quiet --variant=minbase --format=tar --architectures="$ARCH" \
    --include="$(IFS=, && echo "${packages[*]}")" --dpkgopt=force-unsafe-io "${options[@]}" \
    --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/man/*' \
    "$DIB_RELEASE" "$tar.new" "${sources[@]}"
mv "$tar.new" "$tar"
echo "$stamp" >"$tar.stamp"
