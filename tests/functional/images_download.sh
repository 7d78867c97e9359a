#!/bin/bash
# images_download.sh KILN: kiln images download from a folder.
set -eu -o pipefail
kiln=$(readlink -f "$1")
folder=$(mktemp -d /var/tmp/kiln-download-XXXXXX)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export HOME=$folder/home KILN_STORE=$folder/store
unset OS_CLOUD OS_AUTH_URL OS_CLIENT_CONFIG_FILE XDG_DATA_HOME XDG_CONFIG_HOME
head -c 40000000 /dev/urandom >web.raw
head -c 1000000 /dev/urandom >other.raw

fail() {
    echo "FAIL: $*"
    cat err 2>/dev/null || true
    exit 1
}

# Of the last run: $code, $out and the file err.
download() {
    code=0
    out=$("$kiln" images download "$@" 2>err) || code=$?
}

# refused CODE TEXT ARGUMENT...: the error has the text.
refused() {
    download "${@:3}"
    [ "$code" = "$1" ] || fail "${*:3}: exit code $code, not $1"
    grep -qF -- "$2" err || fail "${*:3}: the error does not say '$2'"
    [ -z "$out" ] || fail "${*:3}: prints '$out'"
}

# is_whole: the file is the image, and nothing lies beside it but its note.
is_whole() {
    cmp -s web.raw "$file" || fail "$1: the file is not the image"
    [ "$(ls out)" = "$id.raw"$'\n'"$id.raw.download.json" ] || fail "$1: left: $(ls out)"
}

publish() {
    "$kiln" publish -q --json "$1" --name "$2" --image-version "$3" --property os_distro=debian 2>err |
        /usr/bin/python3 -c 'import json, sys; print(json.load(sys.stdin)[0]["id"])'
}

id=$(publish web.raw web 1)
file=$folder/out/$id.raw

download web -d out
[ "$code-$out" = "0-$file" ] || fail "prints '$out'"
is_whole "a first download"
/usr/bin/python3 - "$file" <<'END' || fail "the note is wrong"
import hashlib, json, os, sys
note, info = json.load(open(sys.argv[1] + ".download.json")), os.stat(sys.argv[1])
data = open(sys.argv[1], "rb").read()
assert note["name"] == "web" and note["id"] in sys.argv[1], note
assert (note["hash_algorithm"], note["hash_value"]) == ("sha512", hashlib.sha512(data).hexdigest()), note
assert (note["size"], note["modified"]) == (len(data), info.st_mtime_ns), note
END

before=$(stat -c '%i %z' "$file")
download web -d out
[ "$code-$out" = "0-$file" ] || fail "a second download prints '$out'"
grep -q 'already' err || fail "a second download does not say that the file is there"
download "$id" -d out --json
[ "$(/usr/bin/python3 -c 'import json, sys
result = json.load(sys.stdin)
print(result["result"], result["path"], result["id"], result["disk_format"], result["size"], result["properties"]["os_distro"])' <<<"$out")" = "unchanged $file $id raw 40000000 debian" ] || fail "--json: $out"
[ "$(stat -c '%i %z' "$file")" = "$before" ] || fail "a second download writes the file"

rm "$file.download.json"
download web -d out
[ "$(stat -c '%i %z' "$file")" = "$before" ] || fail "a file that is right but has no note is fetched again"
is_whole "without a note"

touch -r "$file" stamp
printf X | dd of="$file" bs=1 seek=5000 conv=notrunc status=none
touch -r stamp "$file"
download web -d out
[ "$code" = 0 ] || fail "a file that was changed: exit code $code"
is_whole "a file that was changed"
printf 'short' >"$file"
echo '[1]' >"$file.download.json"
download web -d out
is_whole "a note that is none"

rm -r out
mkdir out
head -c 25000000 web.raw >"$file.part"
download web -d out
is_whole "a part of an earlier try"
rm -r out
mkdir out
head -c 45000000 /dev/zero >"$file.part"
download web -d out
is_whole "a part of something else"

rm -r out
for number in 1 2 3; do
    "$kiln" images download web -d out --json >"json$number" 2>err$number &
done
wait
is_whole "three at once"
[ "$(cat json? | grep -c '"downloaded"')" = 1 ] || fail "of three at once not one downloads"
rm -r out
# Another shell, for this one would tell of it.
bash -c '"$@" >/dev/null 2>&1 &
until [ -e "$0" ] || ! kill -0 $! 2>/dev/null; do :; done
kill -9 $! && wait' "$file.part" "$kiln" images download web -d out 2>/dev/null || true
download web -d out
is_whole "after one that was killed"

refused 2 "did you mean 'web'?" wbe -d out
refused 2 "has no image with the id" 01234567-89ab-cdef-0123-456789abcdef
refused 2 "has no image with the id 'web'" --id web
cat >clouds.yaml <<'END'
clouds:
  none:
    auth: {auth_url: "http://127.0.0.1:9/v3", username: u-name, password: not-right}
END
refused 2 "from one store, not from 2" web --cloud none --store store
refused 1 "cannot make folder" web -d web.raw/out

publish other.raw web 2 >id2
refused 2 "has no image 'web 2" "web 2"
download "$id" -d out
[ "$code-$out" = "0-$file" ] || fail "a hidden image is not found by its id"
download web
[ "$code-$out" = "0-$folder/$(cat id2).raw" ] || fail "the name does not mean the newer image: $out"
cmp other.raw "$out"
[ ! -e "$folder/01234567-89ab-cdef-0123-456789abcdef.raw" ] || fail "a wrong id makes a file"
echo ok
