# shellcheck shell=bash
# What is wrong with the variables, or missing on the host, is told before anything is built. The function leaves the
# playbook's path in $playbook, and the Python that has Ansible in $python.

fail() {
    echo "error: $1" >&2
    [ -z "${2:-}" ] || echo "hint: $2" >&2
    exit 1
}

check_folder() {
    local folder=${KILN_ANSIBLE_DIR:-}
    [ -n "$folder" ] || fail "KILN_ANSIBLE_DIR is not set" \
        "export KILN_ANSIBLE_DIR=/absolute/path/of/the/folder/with/the/playbook"
    [[ $folder == /* ]] || fail "KILN_ANSIBLE_DIR='$folder' is no absolute path" \
        "begin it with a slash: KILN_ANSIBLE_DIR=\"\$PWD/$folder\""
    if [ ! -d "$folder" ] || [ ! -r "$folder" ] || [ ! -x "$folder" ]; then
        fail "KILN_ANSIBLE_DIR='$folder' is no folder that can be read" "name the folder with the playbook"
    fi
}

check_playbook() {
    local name
    playbook=${KILN_ANSIBLE_PLAYBOOK:-}
    if [ -z "$playbook" ]; then
        for name in bootstrap.yml site.yml playbook.yml; do
            if [ -f "$KILN_ANSIBLE_DIR/$name" ]; then
                playbook=$name
                return 0
            fi
        done
        fail "'$KILN_ANSIBLE_DIR' has no bootstrap.yml, site.yml or playbook.yml" \
            "name its playbook: KILN_ANSIBLE_PLAYBOOK=path/in/the/folder.yml"
    fi
    case /$playbook/ in
        //* | */../*) fail "KILN_ANSIBLE_PLAYBOOK='$playbook' leads out of the folder" \
            "give its path in '$KILN_ANSIBLE_DIR', without a slash before it" ;;
    esac
    [ -f "$KILN_ANSIBLE_DIR/$playbook" ] ||
        fail "KILN_ANSIBLE_PLAYBOOK='$playbook': there is no such file in '$KILN_ANSIBLE_DIR'" \
            "give the playbook's path in that folder"
}

check_groups() {
    local group groups
    read -r -a groups <<<"${KILN_ANSIBLE_GROUPS:-}"
    for group in "${groups[@]}"; do
        [[ $group =~ ^[A-Za-z_][A-Za-z0-9_-]*$ ]] ||
            fail "KILN_ANSIBLE_GROUPS: '$group' is no name of a group" "separate names with spaces: 'web docker'"
    done
}

check_python() {
    python=${KILN_ANSIBLE_PYTHON:-/usr/bin/python3}
    if [ "$python" != /usr/bin/python3 ] && { [[ $python != /* ]] || [ ! -x "$python" ]; }; then
        fail "KILN_ANSIBLE_PYTHON='$python' is no program" "give its absolute path: /path/of/the/venv/bin/python"
    fi
    if ! "$python" -I -B -c 'import ansible, jinja2, yaml' 2>/dev/null; then
        [ "$python" = /usr/bin/python3 ] ||
            fail "KILN_ANSIBLE_PYTHON='$python' has no ansible-core" "'$python' -m pip install ansible-core"
        fail "this host has no ansible-core, which runs the playbook" "sudo apt-get install ansible-core"
    fi
}

# Never shows the values: there may be passwords among them.
check_variables() {
    local text=${KILN_ANSIBLE_VARS:-}
    case $text in
        '') ;;
        @/* | @*..*) fail "KILN_ANSIBLE_VARS names a file out of the folder" "give its path in it: '@vars/image.yml'" ;;
        @*) [ -f "$KILN_ANSIBLE_DIR/${text#@}" ] ||
            fail "KILN_ANSIBLE_VARS='$text': there is no such file in '$KILN_ANSIBLE_DIR'" "give its path in that folder" ;;
        '{'*) "$python" -I -B -c 'import sys, yaml
try: sys.exit(not isinstance(yaml.safe_load(sys.stdin), dict))
except yaml.YAMLError: sys.exit(1)' <<<"$text" ||
            fail "KILN_ANSIBLE_VARS is no JSON object" "write it so: '{\"name\": \"value\"}'" ;;
        [A-Za-z_]*=*) ;;
        *) fail "KILN_ANSIBLE_VARS is neither a JSON object nor NAME=VALUE" \
            "write it so: '{\"name\": \"value\"}', or 'name=value other=value'" ;;
    esac
}

check_ansible() {
    check_folder
    check_playbook
    check_groups
    check_python
    check_variables
}
