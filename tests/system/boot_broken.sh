#!/bin/bash
# boot_broken.sh PROBE bios|uefi FOLDER: the boot test fails, and soon, when the bootloader is broken.
set -eu -o pipefail
# shellcheck source-path=SCRIPTDIR source=lib.bash
source "$(dirname "$0")/lib.bash"
probe=$1 firmware=$2 folder=$3
copy=$folder/broken-$firmware.raw
trap 'rm -f "$copy" "$copy.esp"' EXIT
cp --sparse=always "$folder/image.raw" "$copy"

# The start of the EFI system partition, in sectors and its length.
esp() {
    sfdisk --dump "$copy" | sed -n 's/.*start= *\([0-9]*\), size= *\([0-9]*\), type=C12A7328-.*/\1 \2/p'
}

if [ "$firmware" = bios ]; then
    # int 0x18, "nothing to boot here": what a boot sector without a boot loader does.
    printf '\xcd\x18' | dd of="$copy" conv=notrunc status=none
else
    read -r start size < <(esp)
    dd if="$copy" of="$copy.esp" skip="$start" count="$size" status=none
    head -c 100000 /dev/urandom | mcopy -o -i "$copy.esp" - ::EFI/BOOT/BOOTX64.EFI
    dd if="$copy.esp" of="$copy" seek="$start" conv=notrunc,sparse status=none
fi
timeout 90 "$probe" "$copy" "$firmware" 60 "$folder" no-bootloader
