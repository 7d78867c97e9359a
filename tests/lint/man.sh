#!/bin/bash
# man.sh KILN MAN_FOLDER: every command has a page, which has every option of its --help.
set -eu -o pipefail
kiln=$1 man=$2
bad=0
complain() {
    echo "$*"
    bad=1
}

mapfile -t commands < <("$kiln" --help | sed -n '/^Subcommands:/,$s/^  \([a-z][a-z-]*\) .*/\1/p')
[ ${#commands[@]} -gt 0 ] || complain "'kiln --help' lists no commands"
for command in "${commands[@]}"; do
    page=$man/kiln-$command.1.md
    [ -f "$page" ] || { complain "command '$command' has no page $page"; continue; }
    grep -qF "kiln-$command(1)" "$man/kiln.1.md" || complain "$man/kiln.1.md does not name kiln-$command(1)"
    while read -r option; do
        grep -qE -- "(^|[^a-z-])$option([^a-z-]|\$)" "$page" || complain "$page does not have $option"
    done < <("$kiln" "$command" --help | grep -oE '(^| |,)--?[a-z][a-z-]*' | tr -d ' ,' | sort -u)
done
for page in "$man"/*.1.md; do
    lowdown -s -t man --out-no-smarty --parse-no-intraemph --parse-no-super "$page" | grep '^\.TH' >/dev/null || complain "$page: lowdown makes no manual page of it"
done
exit "$bad"
