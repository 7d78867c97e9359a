# shellcheck shell=bash
# What fetching has in common. The functions work on the line of the plan that is being read: $name, $destination,
# $location, $ref, $cached (its name in the cache) and $shown (the location without credentials).

# shellcheck disable=SC2034,SC2154 # shared with extra-data.d/98 and the other files here
cache=$DIB_IMAGE_CACHE/source-repositories
work=$TMP_BUILD_DIR/source-repositories

fail() {
    echo "error: source '$name': $1" >&2
    [ -z "${2:-}" ] || echo "hint: $2" >&2
    exit 1
}

is_local() { [[ $location == /* || $location == file://* ]]; }
is_offline() { [ -n "${DIB_OFFLINE:-}" ] && ! is_local; }

# Programs print addresses with everything in them.
hide_credentials() { sed -E 's,(://)[^/[:space:]]*@,\1,g' >&2; }

# retry COMMAND...: three times, with pauses, unless it is on this machine.
retry() {
    local attempt
    for attempt in 1 2 3; do
        if "$@" 2> >(hide_credentials); then return 0; fi
        if is_local || [ "$attempt" = 3 ]; then break; fi
        echo "attempt $attempt failed, trying again" >&2
        sleep $((attempt * 3))
    done
    return 1
}

# Another build may use the same place in the cache. The lock goes with the hook.
lock_cache() {
    exec 9>"$cache/$cached.lock"
    flock --wait 600 9 || fail "another build has used '$cache/$cached' for ten minutes" "wait for it, or end it"
}
unlock_cache() { exec 9>&-; }
