#!/bin/bash
# element_sources.sh KILN ELEMENTS: manifests, and what is given to apt, on a real Debian.
set -eu -o pipefail
# shellcheck source-path=SCRIPTDIR source=element_lib.bash
source "$(dirname "$0")/element_lib.bash"

# The list of packages is JSON and has every installed one; no secret is written down.
export DIB_DEV_USER_PASSWORD=sesame-open-4711
build dpkg element-manifest
expect_mode /etc/dib-manifests/dib-manifest-dpkg-image 0600 0:0
expect_text /etc/dib-manifests/dib-element-manifest '^tar-root$'
expect_absent /etc/dib-manifests/dib-manifest-dpkg
manifest=$work/image.d/dib-manifests/dib-manifest-dpkg-image
listed=$(python3 -c 'import json, sys; print(len(json.load(open(sys.argv[1]))["packages"]))' "$manifest")
installed=$(content /var/lib/dpkg/status | grep -c '^Status: install ok installed')
[ "$listed" -eq "$installed" ] || fail "the manifest has $listed packages, $installed are installed"
if grep -rq sesame-open-4711 "$work/image.d" "$work/image.raw"; then fail "a password was written down"; fi

# apt understands the pins made of that list, and reads the configuration and the sources it was given.
cp "$manifest" "$work/manifest"
printf 'Acquire::Retries "7";\n' >"$work/conf"
printf 'Types: deb\nURIs: file:/elsewhere\nSuites: ./\nTrusted: yes\n' >"$work/sources"
export DIB_DPKG_MANIFEST=$work/manifest DIB_APT_CONF=$work/conf DIB_APT_SOURCES=$work/sources
build dpkg apt-preferences apt-conf apt-sources
version=$(content /var/lib/dpkg/status | sed -n '/^Package: bash$/,/^$/s/^Version: //p')
in_tree apt-cache policy bash >"$work/policy"
grep -qF "$version 1001" "$work/policy" || fail "bash is not pinned to $version: $(cat "$work/policy")"
in_tree apt-config dump Acquire::Retries | grep -q '"7"' || fail "apt does not read its configuration"
in_tree apt-get update --print-uris | grep -q file:/elsewhere || fail "apt does not read its sources"
expect_absent /etc/apt/sources.list
