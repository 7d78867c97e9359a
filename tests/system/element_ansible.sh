#!/bin/bash
# element_ansible.sh KILN ELEMENTS: a playbook shapes the image, and Ansible leaves no trace in it.
# shellcheck disable=SC2016 # single quotes hold text for hooks
set -eu -o pipefail
# shellcheck source-path=SCRIPTDIR source=element_lib.bash
source "$(dirname "$0")/element_lib.bash"
/usr/bin/python3 -I -c 'import ansible' 2>/dev/null || {
    echo "SKIP: this host has no ansible-core: apt-get install ansible-core"
    exit 77
}
book=$work/book
# A cache of its own: what an earlier test built would hide what runs.
export DIB_IMAGE_CACHE=$work/cache KILN_ANSIBLE_DIR=$book

# book FILE <TEXT: a file of the playbook's folder.
book() {
    mkdir -p "$(dirname "$book/$1")"
    cat >"$book/$1"
}

book site.yml <<'END'
- hosts: 127.0.0.1
  become: true
  tasks:
    - fail: {msg: "left out by --skip-tags"}
      tags: never-here
    - fail: {msg: "left out in a chroot"}
      when: not ansible_is_chroot
    - template: {src: motd.j2, dest: /etc/motd, mode: "0640", group: adm}
    - user: {name: op, shell: /usr/sbin/nologin}
    - lineinfile: {path: /etc/hosts, line: "192.0.2.1 peer"}
    - file: {path: /srv/data, state: directory, owner: op, mode: "0750"}
    - apt: {name: curl}
    - service: {name: ssh, state: restarted, enabled: false}
    - shell: 'id -un >who && echo ~ >home && python3 -c "import jinja2" 2>error || true'
      args: {chdir: /srv/data}
      become_user: op
- hosts: localhost
  gather_facts: false
  roles: [web]
- hosts: all:web:default
  gather_facts: false
  tasks:
    - copy: {content: "{{ greeting }} {{ shared | my.tools.shout }} {{ lookup('env', 'DIB_SAY') }}\n", dest: /etc/all}
END
book templates/motd.j2 <<<'{{ greeting }} from {{ ansible_distribution }}'
book roles/web/tasks/main.yml <<<'- copy: {src: page, dest: ~/page, mode: "0600"}'
book roles/web/files/page <<<'a page'
book group_vars/web.yml <<<'shared: of the group'
book collections/ansible_collections/my/tools/plugins/filter/shout.py <<'END'
class FilterModule:
    def filters(self):
        return {"shout": str.upper}
END
book .git/HEAD <<<'not for the image'
# Not all images have sudo.
hook plain install.d/50-plain <<<'rm -f /usr/bin/sudo'

test_playbook_shapes_the_image() {
    build --explain plain ansible
    [ "$(content /etc/motd)" = "hi there from Debian" ] || fail "the template gave: $(content /etc/motd)"
    expect_mode /etc/motd 0640 0:4
    expect_text /etc/passwd '^op:.*:/usr/sbin/nologin$'
    expect_text /etc/hosts '^192\.0\.2\.1 peer$'
    expect_mode /srv/data 0750 1000:0
    expect_mode /root/page 0600 0:0
    [ "$(content /etc/all)" = "hi there OF THE GROUP well" ] || fail "variables gave: $(content /etc/all)"
}

test_service_is_disabled_and_not_started() {
    expect_absent /etc/systemd/system/multi-user.target.wants/ssh.service
    grep -qF 'systemd is offline' -r "$work/state" || fail "there is no word of the service that cannot start"
}

test_tasks_of_another_user() {
    [ "$(content /srv/data/who)" = op ] || fail "the task ran as $(content /srv/data/who)"
    [ "$(content /srv/data/home)" = /home/op ] || fail "its home was $(content /srv/data/home)"
    expect_text /srv/data/error "No module named 'jinja2'"
}

test_nothing_of_ansible_stays() {
    local folder found
    folder=$(tree)
    found=$(find "$folder" -iname '*ansible*')
    [ -z "$found" ] || fail "in the image is: $found"
    found=$(grep -rIl kiln-ansible "$folder"/{etc,home,root,srv,usr/local,var}) || true
    [ -z "$found" ] || fail "these files of the image name Ansible's folder: $found"
    [ -z "$(names /tmp)" ] || fail "in /tmp is: $(names /tmp)"
    diff <(tar -tf "$KILN_TEST_ROOT_TAR" | sed -n 's,^\./\(.*\.pyc\)$,\1,p' | LC_ALL=C sort) \
        <(find "$folder" -name '*.pyc' -printf '%P\n' | LC_ALL=C sort) || fail "compiled files came into the image"
}

expect_layer() { # hit|miss HOOK
    grep -q "^$1  *$2 " "$work/log" || { cat "$work/log" && fail "$2 is no $1"; }
}

test_only_a_change_runs_it_again() {
    touch "$book/site.yml"
    echo other >"$book/.git/HEAD"
    hook plain post-install.d/60-more <<<true
    build --explain plain ansible
    expect_layer hit install.d/90-ansible
    if grep -E '^miss +(pre-)?install\.d' "$work/log"; then fail "these ran again though nothing of theirs had changed"; fi
    book templates/motd.j2 <<<'{{ greeting }} again'
    build --explain plain ansible
    expect_layer hit install.d/50-plain
    expect_layer miss install.d/90-ansible
    [ "$(content /etc/motd)" = "hi there again" ] || fail "the old template is in the image"
    DIB_SAY=no "$kiln" cache explain -n -o "$work/image" -t raw --work-dir "$builds" tar-root plain ansible >"$work/log" 2>&1
    expect_layer hit install.d/50-plain
    expect_layer miss install.d/90-ansible
}

test_failures_are_told() {
    book fail.yml <<<'[{hosts: all, gather_facts: false, tasks: [{fail: {msg: "no such luck"}}]}]'
    KILN_ANSIBLE_PLAYBOOK=fail.yml fails 3 'no such luck' ansible
    book fail.yml <<<'[{hosts: database, tasks: [{ping: }]}]'
    KILN_ANSIBLE_PLAYBOOK=fail.yml fails 3 'Could not match supplied host pattern' ansible
    rm "$book/fail.yml"
}

test_bad_values_are_named() {
    KILN_ANSIBLE_DIR='' fails 3 'KILN_ANSIBLE_DIR is not set' ansible
    KILN_ANSIBLE_DIR=book fails 3 "KILN_ANSIBLE_DIR='book' is no absolute path" ansible
    KILN_ANSIBLE_DIR=$work/none fails 3 "KILN_ANSIBLE_DIR='$work/none' is no folder" ansible
    KILN_ANSIBLE_DIR=$book/templates fails 3 "has no bootstrap.yml, site.yml or playbook.yml" ansible
    KILN_ANSIBLE_PLAYBOOK=none.yml fails 3 "KILN_ANSIBLE_PLAYBOOK='none.yml': there is no such file" ansible
    KILN_ANSIBLE_PLAYBOOK=../site.yml fails 3 "KILN_ANSIBLE_PLAYBOOK='../site.yml' leads out" ansible
    KILN_ANSIBLE_VARS='{"a": ' fails 3 "KILN_ANSIBLE_VARS is no JSON object" ansible
    KILN_ANSIBLE_VARS=word fails 3 "KILN_ANSIBLE_VARS is neither" ansible
    KILN_ANSIBLE_GROUPS='web db!' fails 3 "KILN_ANSIBLE_GROUPS: 'db!'" ansible
    KILN_ANSIBLE_PYTHON=/bin/false fails 3 "KILN_ANSIBLE_PYTHON='/bin/false' has no ansible-core" ansible
    ln -s nowhere "$book/files"
    fails 3 "cannot be read whole" ansible
    rm "$book/files"
}

export KILN_ANSIBLE_VARS='{"greeting": "hi there"}' KILN_ANSIBLE_GROUPS=web DIB_SAY=well
export KILN_ANSIBLE_ARGS="--skip-tags never-here"
test_playbook_shapes_the_image
test_service_is_disabled_and_not_started
test_tasks_of_another_user
test_nothing_of_ansible_stays
test_only_a_change_runs_it_again
test_failures_are_told
test_bad_values_are_named
