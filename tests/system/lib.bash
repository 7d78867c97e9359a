# shellcheck shell=bash
# Looks into a raw image without kiln: sfdisk and debugfs. Sourced. The functions below ask the file
# system that $root names.
root=
PATH=$PATH:/usr/sbin:/sbin

fail() {
    echo "FAIL: $*" >&2
    exit 1
}

# root_file_system IMAGE: prints the name that debugfs takes for the last partition.
root_file_system() {
    local start
    start=$(sfdisk --dump "$1" | awk -F'[=, ]+' '/start=/ { for (i = 1; i < NF; i++) if ($i == "start") print $(i + 1) }' | sort -n | tail -1)
    [ -n "$start" ] || fail "'$1' has no partition table"
    echo "$1?offset=$((start * 512))"
}

ask() { debugfs -R "$1" "$root" 2>/dev/null; } # REQUEST
has() { ask "stat $1" | grep >/dev/null '^Inode:'; }
content() { ask "cat $1"; }

# names DIRECTORY: what is in it, without . and ..
names() { ask "ls -p $1" | awk -F/ 'NF > 5 && $6 != "." && $6 != ".." { print $6 }'; }
