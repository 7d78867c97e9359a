# shellcheck shell=bash
# shellcheck disable=SC2154 # the variables of common.bash and of the plan

# A cached repository is bare: heads and tags of the location, and in refs/kiln/ what is beyond those.

# Nothing may ask a question; nothing of the user's or the repository's own may run.
export GIT_TERMINAL_PROMPT=0 GIT_ASKPASS=true GIT_SSH_COMMAND=${GIT_SSH_COMMAND:-ssh -o BatchMode=yes}
export GIT_CONFIG_GLOBAL=$work/gitconfig
configure_git() {
    printf '[safe]\ndirectory = *\n[core]\nhooksPath = /dev/null\n' >"$GIT_CONFIG_GLOBAL"
    printf '[http]\nlowSpeedLimit = 1000\nlowSpeedTime = 60\n[gc]\nauto = 0\n' >>"$GIT_CONFIG_GLOBAL"
}

in_cache() { git --git-dir="$cache/$cached" "$@"; }
is_commit() { [[ $1 =~ ^([0-9a-f]{40}|[0-9a-f]{64})$ ]]; }
fetch_refs() { retry in_cache fetch --quiet --prune --force --no-tags --no-write-fetch-head -- "$location" "$@"; }

# The name in the cache of what $ref stands for; nothing when it is not there.
cached_ref() {
    local candidate candidates=("refs/heads/$ref" "refs/tags/$ref" "refs/kiln/$ref")
    case $ref in
        -) candidates=(refs/heads/master refs/kiln/HEAD) ;;
        '*') candidates=(refs/kiln/HEAD refs/heads/master) ;;
        refs/heads/* | refs/tags/*) candidates=("$ref") ;;
    esac
    if is_commit "$ref"; then candidates=("$ref"); fi
    for candidate in "${candidates[@]}"; do
        if in_cache rev-parse --quiet --verify "$candidate^{commit}" >/dev/null 2>&1; then
            echo "$candidate"
            return 0
        fi
    done
}

# Heads and tags, and what is beyond them: a change under review, a commit, the server's own default.
update_cache() {
    fetch_refs '+refs/heads/*:refs/heads/*' '+refs/tags/*:refs/tags/*' || fail "'$shown' cannot be fetched"
    case $ref in
        refs/heads/* | refs/tags/*) ;;
        refs/*) fetch_refs "+$ref:refs/kiln/$ref" || fail "'$shown' has no '$ref'" ;;
        '*') fetch_refs +HEAD:refs/kiln/HEAD || true ;;
        *)
            [ -z "$(cached_ref)" ] || return 0
            if is_commit "$ref"; then
                fetch_refs "+$ref:refs/kiln/$ref" || fail "'$shown' has no commit '$ref'"
            elif [ "$ref" = - ]; then
                echo "warning: source '$name' has no branch master; taking the default branch of the server" >&2
                fetch_refs +HEAD:refs/kiln/HEAD || fail "'$shown' has no branch master and no default branch"
            fi
            ;;
    esac
}

fetch_git() {
    if [ ! -d "$cache/$cached" ]; then
        if is_offline; then fail "it is not in the cache, and the build is offline" "build once without --offline"; fi
        git init --quiet --bare --template= "$cache/$cached"
    fi
    # What a killed git has left; nobody else is here.
    find "$cache/$cached" -name '*.lock' -type f -delete
    if ! is_offline && { ! is_commit "$ref" || [ -z "$(cached_ref)" ]; }; then update_cache; fi
    [ -n "$(cached_ref)" ] || fail "'$shown' has no '${ref/#-/master}'" "set DIB_REPOREF_${name//[^A-Za-z0-9]/_}"
}

place_git() {
    local target commit from
    from=$(cached_ref)
    commit=$(in_cache rev-parse "$from^{commit}")
    target=$("$KILN" tool tree-path folder "$destination")
    [ -z "$(ls -A "$target")" ] || fail "'$destination' of the image is not empty"
    git clone --quiet --no-checkout --no-hardlinks --template= "$cache/$cached" "$target" 2>/dev/null
    (
        cd "$target" || exit
        git remote set-url origin "$shown"
        if [ "$ref" = '*' ]; then
            git fetch --quiet --update-head-ok "$cache/$cached" '+refs/heads/*:refs/heads/*' '+refs/tags/*:refs/tags/*'
        fi
        git cat-file -e "$commit" 2>/dev/null || git fetch --quiet "$cache/$cached" "$from"
        git checkout --quiet --detach --force "$commit"
        # Neither the hour nor the disk of the build may stay behind.
        rm -rf .git/logs .git/FETCH_HEAD .git/ORIG_HEAD .git/index
        git read-tree HEAD
    )
    echo "$name git $destination $shown $commit" >>"$work/git-manifest"
}
