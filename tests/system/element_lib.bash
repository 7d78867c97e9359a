# shellcheck shell=bash
# For tests of elements, tests/system/element_<group>.sh. Sourced; such a script is started as
#
#     element_<group>.sh KILN FOLDER OF TEST ELEMENTS
#
# with KILN_TEST_ROOT_TAR in its environment, the tar of a small Debian (fixture root_tar, build_root_tar.sh). An image of
# it costs two seconds and no network:
#
#     source "$(dirname "$0")/element_lib.bash"
#     export DIB_DEV_USER_USERNAME=me            # variables of the elements
#     build devuser openssh-server               # tar-root and these, without base
#     expect_file /home/me/.bashrc
#     expect_mode /etc/sudoers.d/me 0440 0:0
#     in_tree id me
#     fails 3 "DIB_DEV_USER_USERNAME='Me Too'" devuser
#
# Add it to CMakeLists.txt with element_test(GROUP). Packages that elements ask for must be in the tar: add them there.
# An element made for one test comes from `hook ELEMENT PHASE.d/NAME` with its text as standard input.
# shellcheck source-path=SCRIPTDIR source=lib.bash
source "$(dirname "${BASH_SOURCE[0]}")/lib.bash"

kiln=$1
test_elements=$2
: "${KILN_TEST_ROOT_TAR:?names the tar of tests/system/build_root_tar.sh}"
work=$(mktemp -d "${TMPDIR:-/var/tmp}/kiln-element-XXXXXX")
# What a slow machine has no time to remove after a build, the next one sweeps: only it can, when no root builds.
builds=${TMPDIR:-/var/tmp}/kiln-element-work-$(id -u)
trap 'rm -rf "$work"; rmdir "$builds/builds" "$builds" 2>/dev/null || true' EXIT
export XDG_STATE_HOME=$work/state ELEMENTS_PATH=$work/elements:$test_elements
# A hook that the cache has from an earlier run would say nothing now.
export DIB_IMAGE_CACHE=$work/cache
mkdir -p "$work/elements"

# kiln_build ARGUMENT...: output to $work/out and $work/log.
kiln_build() {
    rm -rf "$work/tree"
    "$kiln" build -n -o "$work/image" -t raw --work-dir "$builds" tar-root "$@" >"$work/out" 2>"$work/log"
}

# build ELEMENT...: must succeed. The image is $work/image.raw, what kiln wrote to standard output $work/out.
build() {
    kiln_build "$@" || {
        cat "$work/log" >&2
        fail "cannot build with: $*"
    }
    root=$work/image.raw
}

# fails CODE TEXT ELEMENT...: must fail with that exit code and that text, and leave nothing behind.
fails() {
    local code=$1 text=$2 status=0
    shift 2
    rm -rf "$work"/image*
    kiln_build "$@" || status=$?
    [ "$status" -eq "$code" ] || {
        cat "$work/log" >&2
        fail "'$*' ended with $status, not $code"
    }
    grep -qF -- "$text" "$work/log" || {
        cat "$work/log" >&2
        fail "'$*' does not say: $text"
    }
    compgen -G "$work/image*" >/dev/null && fail "'$*' left $(compgen -G "$work/image*")"
    return 0
}

# hook ELEMENT PHASE.d/NAME <TEXT: adds a hook, or any other executable file, to an element of this test.
hook() {
    mkdir -p "$(dirname "$work/elements/$1/$2")"
    { printf '#!/bin/bash\nset -eu -o pipefail\n' && cat; } >"$work/elements/$1/$2"
    chmod +x "$work/elements/$1/$2"
}

expect_file() { has "$1" || fail "there is no $1"; }
expect_absent() { ! has "$1" || fail "$1 is there"; }

# expect_mode PATH MODE [UID:GID]
expect_mode() {
    local found
    found=$(ask "stat $1" | sed -n 's/.*Mode: *\([0-7]*\).*/\1/p')
    [ $((8#${found:-0})) -eq $((8#$2)) ] || fail "the mode of $1 is '$found', not $2"
    [ -n "${3:-}" ] || return 0
    found=$(ask "stat $1" | sed -n 's/.*User: *\([0-9]*\) *Group: *\([0-9]*\).*/\1:\2/p')
    [ "$found" = "$3" ] || fail "$1 belongs to '$found', not $3"
}

# expect_text PATH EXTENDED-REGEX: some line of the file matches.
expect_text() { content "$1" | grep -qE -- "$2" || fail "no line of $1 matches: $2; it is: $(content "$1")"; }
expect_no_text() { ! content "$1" | grep -E -- "$2" || fail "a line of $1 matches: $2"; }

# expect_link PATH TARGET
expect_link() {
    local found
    found=$(ask "stat $1" | sed -n 's/.*Fast link dest: "\(.*\)"/\1/p')
    [ "$found" = "$2" ] || fail "$1 leads to '$found', not to $2"
}

# tree: the folder of a copy of the image's tree, where a test may put files. All belongs to the caller.
tree() {
    if [ ! -d "$work/tree" ]; then
        mkdir "$work/tree"
        debugfs -R "rdump / $work/tree" "$root" >/dev/null 2>&1
        chown -hR "$(id -u):$(id -g)" "$work/tree"
    fi
    echo "$work/tree"
}

# in_tree COMMAND...: in a chroot of that copy, as its root, with /proc.
in_tree() {
    local folder
    folder=$(tree)
    unshare --user --map-root-user --mount --pid --fork --mount-proc="$folder/proc" \
        chroot "$folder" /usr/bin/env -i PATH="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" "$@"
}
