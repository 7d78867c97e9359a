#!/bin/bash
# build_image.sh KILN OUTPUT_FOLDER ELEMENTS: builds the image that the other system tests look at.
set -eu -o pipefail
kiln=$1 folder=$2 elements=$3
mkdir -p "$folder"
rm -f "$folder"/image.*
export DIB_RELEASE=bookworm ELEMENTS_PATH=$elements
export DIB_CLOUD_INIT_DATASOURCES="ConfigDrive, OpenStack, NoCloud, None"
export DIB_GRUB_TIMEOUT=1
"$kiln" build -o "$folder/image" -t qcow2,raw --checksum --work-dir "$folder/work" \
    debian-minimal vm cloud-init-datasources cloud-init enable-serial-console system-test
sha256sum "$folder/image.qcow2" "$folder/image.raw" >"$folder/published"
