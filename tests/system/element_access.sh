#!/bin/bash
# element_access.sh KILN ELEMENTS: who gets into an image: devuser, local-config, openssh-server, runtime-ssh-host-keys,
# dynamic-login.
# shellcheck disable=SC2016 # single quotes hold text for hooks and fakes
set -eu -o pipefail
# shellcheck source-path=SCRIPTDIR source=element_lib.bash
source "$(dirname "$0")/element_lib.bash"
keys=$work/keys.pub
echo "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExampleExampleExampleExampleExampleExam me@desk" >"$keys"
printf '# a comment\n\nssh-ed25519 AAAAB3other other@desk\n' >"$work/authorized_keys"

hook probe finalise.d/99-probe <<<'command -v select-boot-kernel-initrd || true'
# A key that a package script made must not survive.
hook probe post-install.d/99-keys <<<'echo key >/etc/ssh/ssh_host_rsa_key; echo key >/etc/ssh/ssh_host_rsa_key.pub'

test_users_and_keys() {
    export DIB_DEV_USER_USERNAME=dev.op DIB_DEV_USER_SHELL=/bin/bash DIB_DEV_USER_GROUPS=adm,sudo
    export DIB_DEV_USER_PWDLESS_SUDO=yes DIB_DEV_USER_AUTHORIZED_KEYS=$keys
    DIB_DEV_USER_PASSWORD='correct horse $(id) battery'
    export DIB_DEV_USER_PASSWORD KILN_LOCAL_CONFIG_KEYS=$work/authorized_keys
    export http_proxy=http://127.0.0.1:3128 no_proxy=localhost,.example.org
    build -x devuser local-config openssh-server dynamic-login probe
    unset http_proxy no_proxy

    expect_mode /home/dev.op/.ssh 0700 1000:1000
    expect_mode /home/dev.op/.ssh/authorized_keys 0600 1000:1000
    [ "$(content /home/dev.op/.ssh/authorized_keys)" = "$(cat "$keys")" ] || fail "not the keys that were given"
    expect_mode /etc/sudoers.d/dev_op 0440 0:0
    expect_text /etc/sudoers.d/dev_op '^dev\.op ALL=\(ALL\) NOPASSWD:ALL$'
    expect_text /etc/passwd '^dev\.op:.*:/bin/bash$'
    expect_text /etc/group '^adm:.*dev\.op'
    expect_text /etc/group '^sudo:.*dev\.op'
    expect_text /root/.ssh/authorized_keys '^ssh-ed25519 AAAAB3other other@desk$'
    expect_no_text /root/.ssh/authorized_keys '^#'
    expect_mode /root/.ssh/authorized_keys 0600 0:0
    expect_mode /etc/apt/apt.conf.d/02-local-config 0644 0:0
    expect_text /etc/apt/apt.conf.d/02-local-config '^Acquire::http::Proxy "http://127.0.0.1:3128";$'
    expect_text /etc/apt/apt.conf.d/02-local-config '^Acquire::http::Proxy::example.org "DIRECT";$'
}

test_password_is_a_hash_and_in_no_log() {
    expect_mode /etc/shadow 0640
    local hash
    hash=$(content /etc/shadow | sed -n 's/^dev\.op:\([^:]*\):.*/\1/p')
    python3 -Wignore - "$hash" <<'END' || fail "the password of the user is not the one given"
import crypt, sys
sys.exit(crypt.crypt("correct horse $(id) battery", sys.argv[1]) != sys.argv[1])
END
    [[ $hash == *"\$$(printf 'kiln devuser dev.op' | sha256sum | cut -c 1-16)\$"* ]] ||
        fail "the salt '$hash' is another one in each build"
    if grep -rF 'correct horse' "$work/log" "$work/state"; then fail "the password is in a log"; fi
    if strings -n 8 "$root" | grep -F 'correct horse'; then fail "the password is in the image"; fi
}

test_no_account_tells_the_day_of_the_build() {
    local newest
    newest=$(find "$(tree)/usr/share/doc" -maxdepth 2 -name 'changelog*' -printf '%T@\n' | sort -n | tail -n 1)
    content /etc/shadow | awk -F: -v day="$((${newest%.*} / 86400))" '$3 > day { print; wrong = 1 } END { exit wrong }' ||
        fail "these accounts are not of the day of the newest package"
}

test_a_proxy_with_a_password_is_for_root_only() {
    local here
    here=$(dirname "$(readlink -f "$0")")/../../elements/local-config/pre-install.d/02-local-config-proxies
    sed 's,^given=.*,given=/tmp/given,' "$here" >"$(tree)/tmp/hook"
    chmod 0755 "$(tree)/tmp/hook"
    printf '%s\n' '' http://me:hunter2@127.0.0.1:3128 '' >"$(tree)/tmp/given"
    in_tree DIB_DEBUG_TRACE=1 /tmp/hook >"$work/said" 2>&1 ||
        fail "the hook failed: $(cat "$work/said")"
    [ "$(stat -c %a "$(tree)/etc/apt/apt.conf.d/02-local-config")" = 600 ] || fail "all can read a proxy's password"
    if grep -F hunter2 "$work/said"; then fail "the password is in the log"; fi
}

test_host_keys_are_made_by_the_machine() {
    [ -z "$(names /etc/ssh | grep ssh_host_)" ] || fail "host keys are in the image"
    expect_link /etc/systemd/system/multi-user.target.wants/ssh.service /lib/systemd/system/ssh.service
    has /etc/systemd/system/multi-user.target.wants/runtime-ssh-host-keys.service || fail "nobody makes host keys"
    expect_text /etc/systemd/system/ssh.service.d/10-runtime-ssh-host-keys.conf '^Requires=runtime-ssh-host-keys.service$'
    expect_text /etc/systemd/system/ssh.service.d/10-runtime-ssh-host-keys.conf '^After=runtime-ssh-host-keys.service$'
    in_tree systemd-analyze verify --man=no /usr/lib/systemd/system/runtime-ssh-host-keys.service \
        /usr/lib/systemd/system/dynamic-login.service 2>"$work/verify" || true
    if grep -E 'runtime-ssh-host-keys|dynamic-login' "$work/verify"; then fail "systemd does not like the units"; fi

    # As the unit runs it, after a boot that was cut short: a private key without its public one.
    echo half >"$(tree)/etc/ssh/ssh_host_rsa_key"
    in_tree /bin/bash -eu -c 'file=/usr/lib/systemd/system/runtime-ssh-host-keys.service
        eval "$(sed -n "s/^ExecStartPre=//p" "$file" | sed "s/\\$\\$/$/g")"
        eval "$(sed -n "s/^ExecStart=//p" "$file")" >/dev/null
        mkdir -p /run/sshd
        sshd -t'
    in_tree ssh-keygen -lf /etc/ssh/ssh_host_rsa_key.pub >/dev/null || fail "the broken key was not made anew"
    in_tree sshd -T >"$work/sshd" || fail "sshd does not take its settings"
    grep -q '^ciphers chacha20-poly1305@openssh.com,' "$work/sshd" || fail "the ciphers are not those of the element"
    if grep -E '^(macs|kexalgorithms) .*(sha1|umac-64)' "$work/sshd"; then fail "weak algorithms are left"; fi
}

# login LINE: runs dynamic-login with that kernel command line.
login() {
    echo "$1" >"$(tree)/tmp/cmdline"
    in_tree /bin/bash -eu -c 'mount --bind /tmp/cmdline /proc/cmdline && dynamic-login'
}
test_kernel_command_line_opens_root() {
    local hash file
    hash=$(openssl passwd -6 secret)
    file=$(tree)/root/.ssh/authorized_keys
    rm -f "$file"
    login "root=/dev/vda1 sshkey=\"ssh-ed25519 AAAAC3Nz me@desk\" rootpwd=\"$hash\" quiet" >"$work/said"
    [ "$(cat "$file")" = "ssh-ed25519 AAAAC3Nz me@desk" ] || fail "the key was not taken: $(cat "$file")"
    [ "$(stat -c %a "$file")" = 600 ] || fail "others can read authorized_keys"
    grep -qF "root:$hash:" "$(tree)/etc/shadow" || fail "the password was not taken"
    if grep -F "$hash" "$work/said"; then fail "the hash is in the journal"; fi
    login 'sshkey="ssh-ed25519 AAAAC3Nz me@desk"' >/dev/null
    [ "$(wc -l <"$file")" -eq 1 ] || fail "the same key was added twice"
    login "quiet rootpwd=$hash" >/dev/null || fail "a hash without quotes is not taken"
    login "quiet splash" || fail "a command line without them is an error"
    ! login 'rootpwd="secret"' 2>"$work/said" || fail "a plain password is taken"
    if grep -F '"secret"' "$work/said"; then fail "the plain password is in the journal"; fi
    ! login 'sshkey="rm -rf"' 2>/dev/null || fail "anything passes for a key"
}

test_defaults() {
    DIB_DEV_USER_AUTHORIZED_KEYS=/dev/null build devuser
    expect_file /home/devuser
    expect_absent /home/devuser/.ssh
    expect_absent /etc/sudoers.d/devuser
    expect_text /etc/shadow '^devuser:!:'
    grep -q "'devuser' has neither key nor password" -r "$work/state" || fail "nobody is told that nobody gets in"
}

test_a_user_who_is_there_keeps_its_group() {
    hook earlier pre-install.d/50-user <<<'useradd -m -N -g users op'
    DIB_DEV_USER_USERNAME=op DIB_DEV_USER_AUTHORIZED_KEYS=$keys build devuser earlier
    expect_mode /home/op/.ssh 0700 1000:100
    expect_mode /home/op/.ssh/authorized_keys 0600 1000:100
}

test_bad_values_are_named() {
    DIB_DEV_USER_USERNAME="Me Too" fails 3 "DIB_DEV_USER_USERNAME='Me Too'" devuser
    DIB_DEV_USER_AUTHORIZED_KEYS=/nowhere fails 3 "DIB_DEV_USER_AUTHORIZED_KEYS='/nowhere'" devuser
    DIB_DEV_USER_PWDLESS_SUDO=perhaps fails 3 "DIB_DEV_USER_PWDLESS_SUDO='perhaps'" devuser
    DIB_DEV_USER_SHELL=/bin/fish fails 3 "DIB_DEV_USER_SHELL='/bin/fish'" devuser
    DIB_DEV_USER_GROUPS=adm,wheels fails 3 "DIB_DEV_USER_GROUPS: the image has no group 'wheels'" devuser
    KILN_LOCAL_CONFIG_KEYS=$keys DIB_LOCAL_CONFIG_USERNAME=nobody-here \
        fails 3 "DIB_LOCAL_CONFIG_USERNAME='nobody-here'" local-config
    KILN_LOCAL_CONFIG_KEYS=relative fails 3 "KILN_LOCAL_CONFIG_KEYS='relative'" local-config
    DIB_OPENSSH_SERVER_HARDENING=2 fails 3 "DIB_OPENSSH_SERVER_HARDENING='2'" openssh-server
    ssh-keygen -q -t ed25519 -N '' -f "$work/private"
    DIB_DEV_USER_AUTHORIZED_KEYS=$work/private fails 3 "is a private key" devuser
}

test_users_and_keys
test_password_is_a_hash_and_in_no_log
test_no_account_tells_the_day_of_the_build
test_a_proxy_with_a_password_is_for_root_only
test_host_keys_are_made_by_the_machine
test_kernel_command_line_opens_root
unset "${!DIB_DEV_USER_@}" KILN_LOCAL_CONFIG_KEYS
test_defaults
test_a_user_who_is_there_keeps_its_group
test_bad_values_are_named
