#!/bin/bash
# shell.sh TOP: shellcheck over every shell script.
set -eu -o pipefail
cd "$1"
folders=()
for folder in scripts .ci elements tests bench docs; do
    [ ! -d "$folder" ] || folders+=("$folder")
done
mapfile -t scripts < <(find "${folders[@]}" -type f -exec awk \
    'FNR == 1 { if (/^#!.*[\/ ](ba|da)?sh( |$)/ || /^# shellcheck shell=/) print FILENAME; nextfile }' {} +)
[ ${#scripts[@]} -gt 0 ] || { echo "no shell scripts in $PWD"; exit 1; }
printf '%s\0' "${scripts[@]}" | xargs -0 -n 20 -P 2 shellcheck -x -S info
# Fragments that a hook runner sources have no first line.
mapfile -t fragments < <(find elements -path '*/environment.d/*' -type f)
[ ${#fragments[@]} -eq 0 ] || shellcheck -x -S info -s bash "${fragments[@]}"
