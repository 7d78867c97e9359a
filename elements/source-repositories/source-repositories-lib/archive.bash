# shellcheck shell=bash
# shellcheck disable=SC2154 # the variables of common.bash and of the plan
# Archives and single files.

fetch_url() {
    local url=$location
    if [[ $url == /* ]]; then url=file://$url; fi
    if is_offline; then
        [ -f "$cache/$cached" ] || fail "it is not in the cache, and the build is offline" "build once without --offline"
        return 0
    fi
    if [[ $url == file://* ]] && [ ! -r "${url#file://}" ]; then fail "'$shown' cannot be read"; fi
    # Its trace would show passwords.
    DIB_DEBUG_TRACE=0 "$TMP_HOOKS_PATH/bin/cache-url" "$url" "$cache/$cached" ||
        fail "'$shown' cannot be fetched" "set DIB_REPOLOCATION_${name//[^A-Za-z0-9]/_} to another place"
}

# refuse_hostile_names ARCHIVE: names that lead out of the folder it is unpacked in.
refuse_hostile_names() {
    local names bad
    names=$(tar --list --absolute-names --quoting-style=escape --file "$1") || fail "'$shown' is no archive that tar reads"
    bad=$(grep -m 1 -E '^/|(^|/)\.\.(/|$)' <<<"$names" || true)
    [ -z "$bad" ] || fail "its archive has the path '$bad', which leads out of it"
}

# refuse_hostile_files FOLDER: links that lead out of it, and what is neither file, folder nor link.
refuse_hostile_files() {
    local link bad
    bad=$(find "$1" ! -type f ! -type d ! -type l -printf '%P\n' -quit)
    [ -z "$bad" ] || fail "its archive has '$bad', which is a device or a pipe"
    while IFS= read -r -d '' link; do
        if [[ $(readlink "$link") == /* || $(realpath -m "$link")/ != "$1"/* ]]; then
            fail "its archive has the link '${link#"$1/"}', which leads out of it"
        fi
    done < <(find "$1" -type l -print0)
}

place_tar() {
    local target scratch folders=() folder
    scratch=$(realpath "$work")/unpacked
    rm -rf "$scratch"
    mkdir -p "$scratch"
    refuse_hostile_names "$cache/$cached"
    tar --extract --file "$cache/$cached" --directory "$scratch" --no-same-owner --no-same-permissions ||
        fail "'$shown' cannot be unpacked"
    refuse_hostile_files "$scratch"
    # The ref is a pattern: '*' stands for all top folders.
    while IFS= read -r folder; do
        if [ -d "$scratch/$folder" ] && [ ! -L "$scratch/$folder" ]; then folders+=("$scratch/$folder"); fi
    done < <(cd "$scratch" || exit; compgen -G "${ref/#-/*}")
    [ ${#folders[@]} -gt 0 ] || fail "its archive has no folder '${ref/#-/*}'"
    target=$("$KILN" tool tree-path folder "$destination")
    for folder in "${folders[@]}"; do
        cp --archive --remove-destination "$folder/." "$target/"
    done
    rm -rf "$scratch"
}

place_file() {
    local target
    target=$("$KILN" tool tree-path file "$destination")
    install -m 0644 --no-target-directory "$cache/$cached" "$target"
}
