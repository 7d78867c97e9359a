#!/bin/bash
# sudo_helper.sh TOP KILN HELPER: where a plain user cannot make user namespaces, a build goes through the sudo helper,
# for members of the group 'kiln' only. The machine is not changed: what sudo and kiln look at is mounted over in a
# mount namespace of this test.
set -eu -o pipefail
skip() {
    echo "SKIP: $*"
    exit 77
}
[ "$(id -u)" = 0 ] || skip "needs root"
[ "$(uname -m)" = x86_64 ] || skip "the filter that closes user namespaces is for x86_64"
command -v sudo >/dev/null || skip "sudo is not installed"
user=${KILN_TEST_USER:-kiln-test}
id "$user" >/dev/null 2>&1 || skip "there is no user '$user'"
grep -q "^$user:" /etc/subuid || skip "user '$user' has no subordinate ids"
if [ "${KILN_TEST_INSIDE:-}" != 1 ]; then
    work=$(mktemp -d /var/tmp/kiln-sudo-XXXXXX)
    trap 'rm -rf "$work"' EXIT
    KILN_TEST_INSIDE=1 unshare -m --propagation private "$0" "$@" "$work"
    exit
fi

top=$1 kiln=$2 helper=$3 work=$4
chmod 0755 "$work"
mkdir -p "$work"/{empty,rules,lib,tree/build/test/bin,tree/scripts,home,out,closed}
cp "$kiln" "$work/tree/build/test/bin/kiln"
cp -a "$top/elements" "$top/tests/elements/fake-os" "$work/tree/"
cp -a "$top/scripts/shims" "$work/tree/scripts/"
mkdir "$work/tree/mine" && mv "$work/tree/fake-os" "$work/tree/mine/"
chown "$user" "$work/home" "$work/out"
cp "$top/sudoers.d/kiln" "$work/rules/kiln"
chown -R 0:0 "$work/rules" && chmod 0440 "$work/rules/kiln"
mount --bind "$work/rules" /etc/sudoers.d
cp /etc/group "$work/group"
sed -i '/^kiln:/d' "$work/group"
echo "kiln:x:64999:" >>"$work/group"
mount --bind "$work/group" /etc/group
mount -t tmpfs tmpfs "$work/lib"
mkdir "$work"/lib/{upper,work}
mount -t overlay overlay -o "lowerdir=/usr/lib,upperdir=$work/lib/upper,workdir=$work/lib/work" /usr/lib ||
    skip "no overlay over /usr/lib"
rm -rf /usr/lib/kiln

# as_user COMMAND...: as the plain user, who cannot make user namespaces. Output is in $work/said.
as_user() {
    python3 "$top/tests/support/deny_user_namespaces.py" setpriv --reuid="$user" --regid="$(id -g "$user")" --init-groups \
        env -i PATH="$PATH" HOME="$work/home" ELEMENTS_PATH="$work/tree/mine" "$@" >"$work/said" 2>&1
}

build() {
    as_user "$work/tree/build/test/bin/kiln" build -n -o "$1" -t raw --env FAKE_OS_MEGABYTES=1 fake-os
}

# expect CODE TEXT COMMAND...
expect() {
    local code=0
    "${@:3}" || code=$?
    if [ "$code" != "$1" ] || ! grep -qE -- "$2" "$work/said"; then
        echo "FAIL: '${*:3}' ended with $code, not $1, or did not say '$2':"
        cat "$work/said"
        exit 1
    fi
    echo "ok: '${*:3}' ends with $1: $2"
}

expect 4 'user namespaces may be closed|AppArmor may close' build "$work/out/none"
expect 4 '"can_build": false' as_user "$work/tree/build/test/bin/kiln" doctor --json -o "$work/out"
install -D -o root -g root -m 0755 "$helper" /usr/lib/kiln/kiln-namespace-helper
expect 4 "group 'kiln'" build "$work/out/none"
sed "s/^kiln:.*/kiln:x:64999:$user/" /etc/group >"$work/group.new"
cat "$work/group.new" >/etc/group
expect 0 'the sudo helper made one' build "$work/out/image"
[ "$(stat -c %U:%G "$work/out/image.raw")" = "$user:$(id -gn "$user")" ] || { echo "FAIL: who owns the image?"; exit 1; }
[ "$(stat -c %U "$work/home/.cache/kiln" "$work/home/.local/state/kiln" | sort -u)" = "$user" ] || { echo "FAIL: who owns the folders?"; exit 1; }
[ -z "$(ls "$work/home/.cache/kiln/builds")" ] || { echo "FAIL: the build left something behind"; exit 1; }
expect 1 'cannot be written' build "$work/closed/image"
[ -z "$(ls "$work/closed")" ] || { echo "FAIL: written where the user may not"; exit 1; }
expect 0 '"way": "through the sudo helper"' as_user "$work/tree/build/test/bin/kiln" doctor --json -o "$work/out"
expect 1 'not allowed|password is required' as_user sudo -n /usr/lib/kiln/kiln-namespace-helper argument
expect 1 'not allowed|password is required' as_user sudo -n env X=1 /usr/lib/kiln/kiln-namespace-helper
expect 4 'SUDO_UID is not set|must run as root' as_user env SUDO_UID=0 /usr/lib/kiln/kiln-namespace-helper
# Its caller cannot keep it waiting.
full() { python3 "$top/tests/support/with_full_socket.py" env -i SUDO_UID="$(id -u "$user")" SUDO_GID="$(id -g "$user")" "$helper" 2>"$work/said"; }
expect 4 'cannot send the namespace' full
chmod g+w /usr/lib/kiln/kiln-namespace-helper
expect 4 'may be closed|may close' build "$work/out/none"
