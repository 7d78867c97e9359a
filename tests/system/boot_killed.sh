#!/bin/bash
# boot_killed.sh PROBE FOLDER: a boot test that is ended leaves no machine behind, and no files for long.
set -eu -o pipefail
# shellcheck source-path=SCRIPTDIR source=lib.bash
source "$(dirname "$0")/lib.bash"
probe=$1 folder=$2
work=$folder/killed
rm -rf "$work"
mkdir -p "$work"
trap 'rm -rf "$work"' EXIT

# wait_for SECONDS COMMAND...: until it succeeds.
wait_for() {
    local tries=$(($1 * 10))
    shift
    until "$@"; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || return 1
        sleep 0.1
    done
}
machine_runs() { pgrep -f "^qemu-system.*$work/" >/dev/null; }
machine_is_gone() { ! machine_runs; }
ended() { ! kill -0 "$1" 2>/dev/null; }

start() {
    "$probe" "$folder/image.qcow2" bios 100 "$work" booted >/dev/null 2>&1 &
    pid=$!
    wait_for 30 machine_runs || fail "no machine was started"
}

start
kill -KILL "$pid"
wait_for 5 machine_is_gone || fail "a machine runs on after SIGKILL"
[ -n "$(find "$work" -name 'disk.raw')" ] || fail "SIGKILL cannot have cleaned up; the test is wrong"

start
[ "$(find "$work" -name 'disk.raw' | wc -l)" -eq 1 ] || fail "the next run did not remove what the killed one left"
kill -TERM "$pid"
wait_for 5 ended "$pid" || fail "SIGTERM does not end it"
machine_is_gone || fail "a machine runs on after SIGTERM"
[ -z "$(find "$work" -name 'kiln-boot-*')" ] || fail "SIGTERM left files behind"
