#!/bin/bash
# image_checks.sh checksums|qemu-img|filesystem|untouched FOLDER
set -eu -o pipefail
# shellcheck source-path=SCRIPTDIR source=lib.bash
source "$(dirname "$0")/lib.bash"
cd "$2"
case $1 in
    checksums)
        sha256sum --check image.qcow2.sha256 image.raw.sha256
        md5sum --check image.qcow2.md5 image.raw.md5
        ;;
    qemu-img)
        qemu-img check -f qcow2 image.qcow2
        qemu-img compare -f qcow2 -F raw image.qcow2 image.raw
        ;;
    filesystem)
        root=$(root_file_system image.raw)
        e2fsck -fn "$root" || fail "the root file system is not clean"
        sfdisk --verify image.raw
        ;;
    untouched) # by the tests that booted it
        sha256sum --check published
        ;;
    *) fail "unknown check '$1'" ;;
esac
