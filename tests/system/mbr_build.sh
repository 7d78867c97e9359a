#!/bin/bash
# mbr_build.sh KILN OUTPUT_FOLDER: an image with an MBR, looked at from outside; a test boots it afterwards.
set -eu -o pipefail
# shellcheck source-path=SCRIPTDIR source=lib.bash
source "$(dirname "$0")/lib.bash"
kiln=$1 folder=$2
mkdir -p "$folder"
rm -rf "$folder"/mbr.*
DIB_RELEASE=bookworm DIB_GRUB_TIMEOUT=1 "$kiln" build -o "$folder/mbr" -t raw \
    --work-dir "$folder/work" debian-minimal vm block-device-mbr enable-serial-console

table=$(sfdisk --dump "$folder/mbr.raw")
grep -qx 'label: dos' <<<"$table" || fail "the table is no MBR: $table"
grep -qE 'start= +2048, size= +[0-9]+, type=83, bootable$' <<<"$table" || fail "no bootable partition from 1 MiB: $table"
[ "$(grep -c 'start=' <<<"$table")" -eq 1 ] || fail "there is more than one partition: $table"
sfdisk --verify "$folder/mbr.raw"
root=$(root_file_system "$folder/mbr.raw")
! has /boot/efi/EFI || fail "an EFI program is on a disk that has no place for it"
