#!/bin/bash
# image_clean.sh IMAGE.raw: nothing of the builder is left in the image, and what elements made is there.
set -eu -o pipefail
# shellcheck source-path=SCRIPTDIR source=lib.bash
source "$(dirname "$0")/lib.bash"
root=$(root_file_system "$1")
has /etc/os-release || fail "no /etc/os-release: this is no root file system"

[ -z "$(content /etc/machine-id)" ] || fail "/etc/machine-id is not empty"
if names /etc/ssh | grep >/dev/null '^ssh_host_'; then fail "ssh host keys are in the image"; fi
for folder in /tmp /run /var/tmp /root/.ssh /var/lib/cloud/instances; do
    left=$(names "$folder")
    [ -z "$left" ] || fail "$folder is not empty: $left"
done
for log in $(names /var/log); do
    case $(ask "stat /var/log/$log") in
        *Type:\ regular*) [ -z "$(content "/var/log/$log")" ] || fail "/var/log/$log is not empty" ;;
    esac
done
for path in /usr/sbin/policy-rc.d /usr/local/sbin/start-stop-daemon /usr/local/sbin/update-initramfs \
    /usr/local/bin/install-packages /usr/local/bin/package-installs /usr/local/bin/pkg-map /.dockerenv /kiln \
    /etc/apt/apt.conf.d/99kiln-build /etc/dpkg/dpkg.cfg.d/kiln-build /root/.cache; do
    ! has "$path" || fail "$path of the build is in the image"
done
if [ -s /etc/resolv.conf ] && [ "$(content /etc/resolv.conf)" = "$(cat /etc/resolv.conf)" ]; then
    fail "/etc/resolv.conf is the builder's"
fi
for file in /etc/environment $(names /etc/apt/apt.conf.d | sed 's#^#/etc/apt/apt.conf.d/#') \
    $(names /etc/apt/sources.list.d | sed 's#^#/etc/apt/sources.list.d/#'); do
    if content "$file" | grep -iE 'proxy|[^[:space:]]+://[^/[:space:]]*@'; then fail "$file has a proxy or a password"; fi
done
[ "$(content /etc/hostname)" != "$(hostname)" ] || fail "/etc/hostname is the builder's"

ask "stat /var/lib/kiln-system-test" | grep -E >/dev/null 'Mode: +02750' || fail "the mode of a folder was lost"
ask "stat /var/lib/kiln-system-test" | grep -E >/dev/null 'User: +1 +Group: +1 ' || fail "the owner of a folder was lost"
ask "stat /var/lib/kiln-system-test/file" | grep -E >/dev/null 'Links: +2' || fail "a hard link was lost"
