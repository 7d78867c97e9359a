#!/bin/bash
# quick_rebuild.sh KILN FOLDER ELEMENTS: after build_image.sh, the same command has nothing to do, and one more element
# costs no layer below it and changes its file alone.
set -eu -o pipefail
kiln=$1 folder=$2 elements=$3
# shellcheck source-path=SCRIPTDIR source=lib.bash
source "$(dirname "$0")/lib.bash"
# shellcheck source-path=SCRIPTDIR source=shared_image.bash
source "$(dirname "$0")/shared_image.bash"
work=$(mktemp -d "$folder/rebuild-XXXXXX")
trap 'rm -rf "$work"' EXIT
export DIB_IMAGE_CACHE=$folder/cache

rebuild() { # ARGUMENT...
    build_shared_image "$kiln" "$folder/key.pub" "$elements" --work-dir "$folder/work" "$@" 2>"$work/said" ||
        { cat "$work/said" && fail "kiln build $*"; }
    if grep 'has new packages' "$work/said"; then
        echo "SKIP: the mirror has changed since the first build"
        exit 77
    fi
}

stamps() { stat -c '%n %i %s %y' "$folder/image.qcow2" "$folder/image.raw"; }
before=$(stamps)
rebuild -o "$folder/image" -t qcow2,raw --checksum
grep >/dev/null 'nothing has changed' "$work/said" || {
    cat "$work/said"
    fail "the same command did something"
}
[ "$(stamps)" = "$before" ] || fail "the images were written again"

mkdir -p "$work/elements/late/install.d"
# The name makes it new each time.
printf '#!/bin/bash\nset -eu -o pipefail\necho %s >/etc/late\n' "${work##*/}" >"$work/elements/late/install.d/90-late"
chmod 755 "$work/elements/late/install.d/90-late"
shared_image_elements+=(late)
ELEMENTS_PATH=$work/elements rebuild -o "$work/image" -t raw --explain
first=$(grep -m 1 '^miss ' "$work/said" || true)
[[ $first == "miss  install.d/90-late "* ]] || fail "the first layer that was made is: $first"
[ "$(grep -c '^hit   root\.d/' "$work/said")" -gt 1 ] || fail "no layers of the root were used"
"$kiln" diff -q --json "$folder/image.raw" "$work/image.raw" >"$work/diff.json" || [ $? -eq 1 ]
/usr/bin/python3 - "$work/diff.json" <<'END'
import json
import sys

with open(sys.argv[1]) as text:
    found = json.load(text)
files = [f"{file['change']} {file['path']}" for file in found["files"]]
# grub.cfg has the identifiers of the disk, which follow from the elements.
wanted = ["changed /boot/grub/grub.cfg", "changed /etc/dib-manifests/dib_arguments", "added /etc/late"]
if files != wanted or found["packages"]:
    sys.exit(f"FAIL: these files differ: {files}, and packages: {found['packages']}")
END
