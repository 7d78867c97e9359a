#!/bin/bash
# sudoers.sh TOP: sudo accepts every file of sudoers.d.
set -eu -o pipefail
PATH=$PATH:/usr/sbin:/sbin
cd "$1"
shopt -s nullglob
for file in sudoers.d/*; do
    [ "${file%.md}" != "$file" ] || visudo -cf "$file"
done
