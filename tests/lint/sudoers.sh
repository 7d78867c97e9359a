#!/bin/bash
# sudoers.sh TOP: sudo accepts every file of sudoers.d, and each permits only the helper that kiln calls, without
# arguments.
set -eu -o pipefail
PATH=$PATH:/usr/sbin:/sbin
cd "$1"
shopt -s nullglob
header=src/sandbox/helper_namespace.hpp
checked=0
for file in sudoers.d/*; do
    [ "${file%.md}" != "$file" ] || {
        visudo -cf "$file"
        checked=$((checked + 1))
        helper=$(sed -n 's/.*k_namespace_helper = "\(.*\)";.*/\1/p' "$header")
        commands=$(sed -n 's/^Cmnd_Alias [A-Z_]* = //p' "$file")
        if [ "$commands" != "$helper \"\"" ]; then
            echo "$file permits '$commands'; kiln calls '$helper' without arguments"
            exit 1
        fi
        if grep -E '^[^#D].*ALL *=' "$file" | grep -vE ': KILN_[A-Z]+$'; then
            echo "$file permits more than its helper"
            exit 1
        fi
    }
done
[ "$checked" -gt 0 ] || { echo "there is no rule in sudoers.d"; exit 1; }
