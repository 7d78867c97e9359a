#!/bin/bash
# build_image.sh KILN OUTPUT_FOLDER ELEMENTS: builds the image that the other system tests look at, with an empty cache.
set -eu -o pipefail
kiln=$1 folder=$2 elements=$3
# shellcheck source-path=SCRIPTDIR source=shared_image.bash
source "$(dirname "$0")/shared_image.bash"
mkdir -p "$folder"
rm -rf "$folder"/image.* "$folder/grown.qcow2" "$folder/key.pub" "$folder/cache"
write_test_key "$folder/key.pub"
DIB_IMAGE_CACHE=$folder/cache build_shared_image "$kiln" "$folder/key.pub" "$elements" \
    -o "$folder/image" -t qcow2,raw --checksum --work-dir "$folder/work"
# The same on a larger disk, for growroot.
cp "$folder/image.qcow2" "$folder/grown.qcow2"
qemu-img resize -q "$folder/grown.qcow2" +256M
sha256sum "$folder/image.qcow2" "$folder/image.raw" >"$folder/published"
