#!/bin/sh
# largest.sh MIB: a test for kiln run: the image is not larger than that.
set -eu
size=$(($(stat -c %s "$KILN_IMAGE") / 1048576))
echo "$KILN_IMAGE_NAME ($KILN_IMAGE_FORMAT): $size MiB of $1"
[ "$size" -le "$1" ]
