#!/bin/bash
# install_packages.sh TOP: installing packages starts no service, and leaves no policy of its own behind.
set -eu -o pipefail
program=$1/scripts/lib/install-packages
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export KILN_POLICY_RC_D=$work/policy-rc.d PATH=$work/bin:$PATH
fail() {
    echo "FAIL: $*"
    exit 1
}

# An apt-get that writes down what the policy says of a service, and ends as $APT_END says.
mkdir "$work/bin"
cat >"$work/bin/apt-get" <<'APT'
#!/bin/bash
for action in start "(start)" stop restart; do
    code=0
    "$KILN_POLICY_RC_D" --quiet open-iscsi "$action" || code=$?
    echo "$action $code"
done >"${KILN_POLICY_RC_D%/*}/said"
case ${APT_END:-0} in
    TERM) kill -TERM "$PPID" ;;
    *) exit "${APT_END:-0}" ;;
esac
APT
chmod +x "$work/bin/apt-get"

refuses_starts() {
    [ "$(cat "$work/said")" = $'start 101\n(start) 101\nstop 0\nrestart 0' ] || fail "the policy said: $(cat "$work/said")"
}

for end in 0 100 TERM; do
    code=0
    APT_END=$end "$program" some-package || code=$?
    refuses_starts
    [ "$code" = "${end/TERM/143}" ] || fail "exit code $code for $end"
    [ ! -e "$KILN_POLICY_RC_D" ] || fail "the policy is left behind after $end"
done

printf '#!/bin/sh\nexit 104\n' >"$KILN_POLICY_RC_D"
chmod +x "$KILN_POLICY_RC_D"
"$program" some-package
[ "$(sed -n 1p "$work/said")" = "start 104" ] || fail "a policy that was there was not asked"
[ -e "$KILN_POLICY_RC_D" ] || fail "a policy that was there is gone"
